"""Windows, events in monthly partitions, the keys of events in yearly generations, corrections."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import F

import apps.kernel.clock
import apps.kernel.ids
import apps.usage.models
from apps.kernel.operations import AppendOnly

# Which transaction wrote a row: what snapshots, and so watermarks, are made of.
TRANSACTION = "(pg_current_xact_id()::text)::bigint"

# The smallest UUIDv7 of an instant: ids below it are older.
FLOOR = """
CREATE FUNCTION usage_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
"""

# The covering index answers sums, counts and maxima without the rows; `id` in it leads to corrections. BRIN because
# transactions are numbered nearly in the order in which rows lie: it costs nothing and finds what came since a watermark.
EVENTS = f"""
CREATE TABLE usage_event (
    id uuid PRIMARY KEY,
    subscription_id uuid NOT NULL,
    "timestamp" timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    transaction bigint NOT NULL DEFAULT {TRANSACTION},
    metric varchar(100) NOT NULL,
    quantity numeric NOT NULL CHECK (abs(quantity) <= 9223372036854775807),
    idempotency_key varchar(255) NOT NULL,
    properties jsonb NOT NULL DEFAULT '{{}}'
) PARTITION BY RANGE (id);
CREATE INDEX usage_event_rating ON usage_event (subscription_id, metric, "timestamp") INCLUDE (quantity, id);
CREATE INDEX usage_event_transaction ON usage_event USING brin (transaction) WITH (autosummarize = on);
CREATE TABLE usage_event_default PARTITION OF usage_event DEFAULT;
"""

# `digest` is 16 bytes of the key. It is unique within its generation, and an insert looks into the older ones first.
# A generation is dropped two years after its end, so a key is known for two years at least and three at most.
KEYS = """
CREATE TABLE usage_generation (
    id smallint PRIMARY KEY,
    started_at timestamptz NOT NULL
);
CREATE TABLE usage_key (
    digest uuid NOT NULL,
    event_id uuid NOT NULL,
    generation smallint NOT NULL
) PARTITION BY LIST (generation);
"""

# A statement trigger is not inherited: each part refuses TRUNCATE by its own.
PARTITIONS = """
CREATE FUNCTION usage_guard(part text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change(%L)',
        part || '_no_truncate', part, ''
    );
END
$$;
REVOKE ALL ON FUNCTION usage_guard(text) FROM PUBLIC;

-- A month is made apart and attached: that lock lets ingest go on, but for the moment in which the (empty) default
-- partition is looked through. Whoever reads that for long makes this give up; it is tried again in a minute.
CREATE FUNCTION usage_make_partitions(day date, months integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    month timestamptz;
    following timestamptz;
    name text;
    made integer := 0;
BEGIN
    IF months NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION 'partitions are made for at most 24 months ahead' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('usage_make_partitions'));
    FOR ahead IN 0 .. months LOOP
        month := date_trunc('month', day::timestamptz) + ahead * interval '1 month';
        following := month + interval '1 month';
        name := 'usage_event_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass(name) IS NOT NULL;
        -- Rows of this month in the default partition (nobody made one in time): they stay there, and so does the month.
        CONTINUE WHEN EXISTS (
            SELECT FROM usage_event_default WHERE id >= usage_floor(month) AND id < usage_floor(following)
        );
        -- Vacuumed often, though nothing dies in it: only then does the covering index answer without the rows.
        EXECUTE format(
            'CREATE TABLE %I (LIKE usage_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH ('
            'autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_insert_threshold = 100000)', name
        );
        EXECUTE format(
            'ALTER TABLE usage_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            name, usage_floor(month), usage_floor(following)
        );
        PERFORM usage_guard(name);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;
REVOKE ALL ON FUNCTION usage_make_partitions(date, integer) FROM PUBLIC;

-- The lock waits for every ingest under way, and an ingest that comes meanwhile waits for it before it takes its
-- snapshot: so whoever writes into the new generation sees all that is in the older ones.
CREATE FUNCTION usage_turn_keys(at timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    latest usage_generation;
    number smallint;
    name text;
BEGIN
    LOCK TABLE usage_key IN ACCESS EXCLUSIVE MODE;
    SELECT * INTO latest FROM usage_generation ORDER BY id DESC LIMIT 1;
    IF latest.started_at + interval '1 year' > at THEN
        RETURN false;
    END IF;
    number := coalesce(latest.id, 0) + 1;
    name := 'usage_key_' || number;
    EXECUTE format('CREATE TABLE %I PARTITION OF usage_key FOR VALUES IN (%L)', name, number);
    EXECUTE format('CREATE UNIQUE INDEX %I ON %I (digest)', name || '_digest', name);
    PERFORM usage_guard(name);
    INSERT INTO usage_generation (id, started_at) VALUES (number, at);
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION usage_turn_keys(timestamptz) FROM PUBLIC;

-- By name, and only what is two years old: nothing that this function is asked can make it drop more.
CREATE FUNCTION usage_drop_partition(name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    ended timestamptz;
BEGIN
    IF name ~ '^usage_event_[0-9]{4}_[0-9]{2}$' THEN
        ended := to_date(right(name, 7), 'YYYY_MM')::timestamptz + interval '1 month';
    ELSIF name ~ '^usage_key_[0-9]+$' THEN
        SELECT started_at INTO ended FROM usage_generation WHERE id = split_part(name, '_', 3)::smallint + 1;
    END IF;
    IF ended IS NULL OR ended > now() - interval '2 years' THEN
        RAISE EXCEPTION '% is not two years old', name USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('DROP TABLE %I', name);
END
$$;
REVOKE ALL ON FUNCTION usage_drop_partition(text) FROM PUBLIC;
"""

FIRST = """
SELECT usage_guard('usage_event_default');
SELECT usage_make_partitions(current_date, 3);
SELECT usage_turn_keys(now());
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="MeterWindow",
            fields=[
                ("id", models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ("subscription_id", models.UUIDField()),
                ("account_id", models.UUIDField()),
                ("external_key", models.CharField(max_length=255, null=True)),
                ("timezone", models.CharField(max_length=64)),
                ("clock_id", models.UUIDField(null=True)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("accept_until", models.DateTimeField(null=True)),
                ("metrics", models.JSONField()),
            ],
            options={
                "ordering": ("-id",),
                "abstract": False,
                "indexes": [
                    models.Index(fields=["subscription_id", "starts_at"], name="usage_window_subscription"),
                    models.Index(condition=models.Q(("external_key__isnull", False)), fields=["external_key", "starts_at"], name="usage_window_external_key"),
                    models.Index(fields=["account_id"], name="usage_window_account"),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("subscription_id", "="),
                            (apps.usage.models._Span(F("starts_at"), F("ends_at")), "&&"),
                        ],
                        name="usage_windows_never_overlap",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accept_until__isnull", True), ("ends_at__isnull", True)),
                            models.Q(("ends_at__gt", F("starts_at")), ("ends_at__isnull", False), ("accept_until__gte", F("ends_at")), ("accept_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="usage_window_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ("event_id", models.UUIDField(unique=True)),
                ("subscription_id", models.UUIDField()),
                ("metric", models.CharField(max_length=100)),
                ("timestamp", models.DateTimeField()),
                ("replaced_by", models.UUIDField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=255)),
                ("transaction", models.BigIntegerField(editable=False)),
            ],
            options={
                "ordering": ("-id",),
                "abstract": False,
                "indexes": [
                    models.Index(fields=["subscription_id", "metric", "timestamp"], name="usage_correction_subscription"),
                    models.Index(fields=["transaction"], name="usage_correction_transaction"),
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(FLOOR, "DROP FUNCTION usage_floor(timestamptz)"),
                migrations.RunSQL(EVENTS, "DROP TABLE usage_event"),
                migrations.RunSQL(KEYS, "DROP TABLE usage_key; DROP TABLE usage_generation"),
                migrations.RunSQL(
                    f"ALTER TABLE usage_correction ALTER COLUMN transaction SET DEFAULT {TRANSACTION}",
                    migrations.RunSQL.noop,
                ),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="UsageEvent",
                    fields=[
                        ("id", models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("subscription_id", models.UUIDField()),
                        ("metric", models.CharField(max_length=100)),
                        ("quantity", models.DecimalField(decimal_places=12, max_digits=31)),
                        ("timestamp", models.DateTimeField()),
                        ("received_at", models.DateTimeField()),
                        ("idempotency_key", models.CharField(max_length=255)),
                        ("properties", models.JSONField(default=dict)),
                        ("transaction", models.BigIntegerField(editable=False)),
                    ],
                    options={"db_table": "usage_event", "ordering": ("-id",)},
                ),
            ],
        ),
        AppendOnly("usage_event"),
        AppendOnly("usage_key"),
        AppendOnly("usage_generation"),
        AppendOnly("usage_correction"),
        migrations.RunSQL(
            PARTITIONS,
            "DROP FUNCTION usage_drop_partition(text); DROP FUNCTION usage_turn_keys(timestamptz);"
            " DROP FUNCTION usage_make_partitions(date, integer); DROP FUNCTION usage_guard(text)",
        ),
        migrations.RunSQL(FIRST, migrations.RunSQL.noop),
    ]
