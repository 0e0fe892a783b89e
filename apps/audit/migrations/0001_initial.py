"""The log, its partitions, and the one function that writes it."""

from django.db import migrations, models

from apps.kernel.operations import AppendOnly

# No index on actor alone: bulk runs write nearly all rows under one actor, and each index costs every audited write.
TABLE = """
CREATE TABLE audit_entry (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    correlation text NOT NULL,
    table_name text NOT NULL,
    row_id text NOT NULL,
    operation text NOT NULL CHECK (operation IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')),
    before jsonb,
    after jsonb,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_entry_row ON audit_entry (table_name, row_id);
CREATE TABLE audit_entry_default PARTITION OF audit_entry DEFAULT;
"""

# Owned by the owner of the schema (SECURITY DEFINER), for the application may not write the log. EXECUTE is taken
# from everyone: firing a trigger needs none, and nobody can hang the function on a table of their own to forge entries.
RECORD = """
CREATE FUNCTION audit_record() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    key_column text := TG_ARGV[0];
    secret text[] := coalesce(TG_ARGV[1:], '{}');
    redaction jsonb := coalesce((SELECT jsonb_object_agg(name, '[redacted]') FROM unnest(TG_ARGV[1:]) AS name), '{}');
    who text := coalesce(nullif(current_setting('billing.actor', true), ''), 'sql:' || session_user);
    chain text := coalesce(current_setting('billing.correlation', true), '');
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit_entry (at, actor, correlation, table_name, row_id, operation, after)
        SELECT now(), who, chain, TG_TABLE_NAME, row.doc ->> key_column, TG_OP, row.doc || redaction
        FROM (SELECT to_jsonb(new_rows) AS doc FROM new_rows OFFSET 0) AS row;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO audit_entry (at, actor, correlation, table_name, row_id, operation, before)
        SELECT now(), who, chain, TG_TABLE_NAME, row.doc ->> key_column, TG_OP, row.doc || redaction
        FROM (SELECT to_jsonb(old_rows) AS doc FROM old_rows OFFSET 0) AS row;
    ELSIF TG_OP = 'UPDATE' THEN
        -- FULL JOIN: a changed primary key shows as the old row gone and a new row come.
        INSERT INTO audit_entry (at, actor, correlation, table_name, row_id, operation, before, after)
        SELECT now(), who, chain, TG_TABLE_NAME, coalesce(earlier.key, later.key), TG_OP, change.before, change.after
        FROM (SELECT to_jsonb(old_rows) ->> key_column AS key, to_jsonb(old_rows) AS doc FROM old_rows OFFSET 0) AS earlier
        FULL JOIN
             (SELECT to_jsonb(new_rows) ->> key_column AS key, to_jsonb(new_rows) AS doc FROM new_rows OFFSET 0) AS later
             ON earlier.key = later.key
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(name, CASE WHEN name = ANY (secret) THEN '"[redacted]"' ELSE earlier.doc -> name END)
                       FILTER (WHERE earlier.doc IS NOT NULL) AS before,
                   jsonb_object_agg(name, CASE WHEN name = ANY (secret) THEN '"[redacted]"' ELSE later.doc -> name END)
                       FILTER (WHERE later.doc IS NOT NULL) AS after
            FROM jsonb_object_keys(coalesce(later.doc, earlier.doc)) AS name
            WHERE earlier.doc -> name IS DISTINCT FROM later.doc -> name
        ) AS change
        WHERE earlier.doc IS DISTINCT FROM later.doc;
    ELSE
        INSERT INTO audit_entry (at, actor, correlation, table_name, row_id, operation)
        VALUES (now(), who, chain, TG_TABLE_NAME, '', TG_OP);
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION audit_record() FROM PUBLIC;
"""

# Partitions are reached through audit_entry alone: whatever default privileges gave on them is taken back, or the
# application could write into one directly. A statement trigger is not inherited, so each refuses TRUNCATE by its own.
PARTITIONS = """
CREATE FUNCTION audit_close(relation regclass, keep_select boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    grantee text;
BEGIN
    FOR grantee IN
        SELECT DISTINCT CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE held.grantee::regrole::text END
        FROM pg_class, aclexplode(relacl) AS held
        WHERE pg_class.oid = relation AND held.grantee <> relowner
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', relation, grantee);
        IF keep_select THEN
            EXECUTE format('GRANT SELECT ON %s TO %s', relation, grantee);
        END IF;
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION audit_close(regclass, boolean) FROM PUBLIC;

CREATE FUNCTION audit_make_partitions(day date, months integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    month date;
    name text;
    made integer := 0;
BEGIN
    IF months NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION 'partitions are made for at most 24 months ahead' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('audit_make_partitions'));
    FOR ahead IN 0 .. months LOOP
        month := (date_trunc('month', day::timestamp) + ahead * interval '1 month')::date;
        name := 'audit_entry_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass(name) IS NOT NULL;
        -- Rows of this month in the default partition (nobody made one in time): they stay there, and so does the month.
        CONTINUE WHEN EXISTS (
            SELECT FROM audit_entry_default WHERE at >= month AND at < (month + interval '1 month')
        );
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF audit_entry FOR VALUES FROM (%L) TO (%L)',
            name, month, (month + interval '1 month')::date
        );
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change('''')',
            name || '_no_truncate', name
        );
        PERFORM audit_close(name::regclass, false);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;
REVOKE ALL ON FUNCTION audit_make_partitions(date, integer) FROM PUBLIC;
"""

FIRST = """
CREATE TRIGGER audit_entry_default_no_truncate BEFORE TRUNCATE ON audit_entry_default
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change('');
SELECT audit_close('audit_entry', true), audit_close('audit_entry_default', false);
SELECT audit_make_partitions(current_date, 3);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, "DROP TABLE audit_entry")],
            state_operations=[
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        ("actor", models.TextField()),
                        ("correlation", models.TextField()),
                        ("table_name", models.TextField()),
                        ("row_id", models.TextField()),
                        ("operation", models.TextField()),
                        ("before", models.JSONField(null=True)),
                        ("after", models.JSONField(null=True)),
                    ],
                    options={"db_table": "audit_entry", "verbose_name_plural": "entries"},
                ),
            ],
        ),
        AppendOnly("audit_entry"),
        migrations.RunSQL(RECORD, "DROP FUNCTION audit_record()"),
        migrations.RunSQL(
            PARTITIONS,
            "DROP FUNCTION audit_make_partitions(date, integer); DROP FUNCTION audit_close(regclass, boolean)",
        ),
        migrations.RunSQL(FIRST, migrations.RunSQL.noop),
    ]
