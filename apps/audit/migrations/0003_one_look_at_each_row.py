"""The same log for less: each changed row is made an object once, and its key is read from that, compared by bytes."""

from django.db import migrations

RECORD = """
CREATE OR REPLACE FUNCTION audit_record() RETURNS trigger
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
        FROM (
            SELECT doc ->> key_column COLLATE "C" AS key, doc
            FROM (SELECT to_jsonb(old_rows) AS doc FROM old_rows OFFSET 0) AS row
        ) AS earlier
        FULL JOIN (
            SELECT doc ->> key_column COLLATE "C" AS key, doc
            FROM (SELECT to_jsonb(new_rows) AS doc FROM new_rows OFFSET 0) AS row
        ) AS later ON earlier.key = later.key
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
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_backoffice_indexes")]
    operations = [migrations.RunSQL(RECORD, migrations.RunSQL.noop)]
