"""What the database itself knows: extensions, UUIDv7, and how to refuse a change."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

UUID7 = """
CREATE FUNCTION kernel_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6),
            52, 1), 53, 1), 'hex')::uuid
$$;
"""

REFUSE = """
CREATE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed text[] := string_to_array(replace(TG_ARGV[0], ' ', ''), ',');
BEGIN
    IF TG_OP = 'UPDATE' AND array_length(allowed, 1) > 0
       AND (to_jsonb(NEW) - allowed) = (to_jsonb(OLD) - allowed) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % is refused: its rows are final', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(UUID7, "DROP FUNCTION kernel_uuid7()"),
        migrations.RunSQL(REFUSE, "DROP FUNCTION kernel_refuse_change()"),
    ]
