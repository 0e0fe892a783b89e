"""The log that triggers write: complete, ascribed, out of the application's reach."""

from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from apps.audit.models import Entry
from apps.audit.operations import Audited
from apps.clocks.models import TestClock
from apps.kernel.actors import Actor
from apps.kernel.transactions import correlation, unit_of_work
from tests.audit.connections import as_application, as_owner

TIME = datetime(2026, 4, 1, tzinfo=UTC)


def entries() -> list[tuple[str, str, object, object]]:
    rows = Entry.objects.filter(table_name="clocks_testclock").order_by("id")
    return [(row.operation, row.actor, row.before, row.after) for row in rows]


@pytest.mark.fr("FR-006")
@pytest.mark.django_db
def test_a_change_is_logged_with_actor_and_what_changed() -> None:
    token = correlation.set("request-7")
    try:
        with unit_of_work(Actor("user", "42")):
            clock = TestClock.objects.create(name="before", frozen_time=TIME)
            TestClock.objects.filter(pk=clock.pk).update(name="after")
            TestClock.objects.filter(pk=clock.pk).update(name="after")
            TestClock.objects.filter(pk=clock.pk).delete()
    finally:
        correlation.reset(token)
    created, changed, deleted = entries()
    assert created[:3] == ("INSERT", "user:42", None)
    assert created[3]["name"] == "before"
    assert created[3]["id"] == str(clock.pk)
    assert changed == ("UPDATE", "user:42", {"name": "before"}, {"name": "after"})
    assert deleted[:2] == ("DELETE", "user:42")
    assert deleted[2]["name"] == "after"
    assert deleted[3] is None
    assert set(Entry.objects.filter(row_id=str(clock.pk)).values_list("correlation", flat=True)) == {"request-7"}


def test_raw_sql_outside_the_orm_is_logged_under_its_role(committed_db: str) -> None:
    key = uuid4()
    with psycopg.connect(committed_db) as raw:
        raw.execute(
            "INSERT INTO clocks_testclock (id, created_at, updated_at, version, name, frozen_time, status)"
            " VALUES (%s, now(), now(), 1, 'raw', now(), 'READY')",
            [key],
        )
        raw.execute("UPDATE clocks_testclock SET name = 'changed by hand' WHERE id = %s", [key])
    with as_owner() as owner:
        owner.execute("UPDATE clocks_testclock SET name = 'changed by the owner'")
        owner.commit()
    assert [entry[:2] for entry in entries()] == [
        ("INSERT", "sql:billing_app"),
        ("UPDATE", "sql:billing_app"),
        ("UPDATE", "sql:billing_owner"),
    ]


@pytest.mark.django_db
def test_many_rows_of_one_statement_are_each_logged() -> None:
    made = TestClock.objects.bulk_create([TestClock(name=f"clock {n}", frozen_time=TIME) for n in range(50)])
    TestClock.objects.update(version=2)
    logged = Entry.objects.filter(table_name="clocks_testclock", operation="UPDATE")
    assert set(logged.values_list("row_id", flat=True)) == {str(clock.pk) for clock in made}
    assert all(entry.before == {"version": 1} and entry.after == {"version": 2} for entry in logged)


@pytest.mark.django_db
def test_a_changed_key_shows_as_one_row_gone_and_one_come() -> None:
    clock = TestClock.objects.create(name="moved", frozen_time=TIME)
    new = uuid4()
    TestClock.objects.filter(pk=clock.pk).update(id=new)
    halves = {entry.row_id: entry for entry in Entry.objects.filter(operation="UPDATE")}
    assert set(halves) == {str(clock.pk), str(new)}
    assert halves[str(clock.pk)].after is None
    assert halves[str(new)].before is None


@pytest.mark.django_db
def test_rolled_back_work_leaves_no_entry() -> None:
    def fail_midway() -> None:
        with unit_of_work(Actor("user", "42")):
            TestClock.objects.create(name="never", frozen_time=TIME)
            assert len(entries()) == 1
            raise LookupError

    with pytest.raises(LookupError):
        fail_midway()
    assert entries() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "attack",
    [
        "INSERT INTO audit_entry (at, actor, correlation, table_name, row_id, operation)"
        " VALUES (now(), 'user:1', '', 'x', '1', 'INSERT')",
        "INSERT INTO audit_entry_default (id, at, actor, correlation, table_name, row_id, operation)"
        " OVERRIDING SYSTEM VALUE VALUES (1, '2020-01-01', 'user:1', '', 'x', '1', 'INSERT')",
        "UPDATE audit_entry SET actor = 'user:1'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "TRUNCATE clocks_testclock",
        "ALTER TABLE clocks_testclock DISABLE TRIGGER ALL",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER clocks_testclock_audit_update ON clocks_testclock",
        "SET session_replication_role = replica",
        "SET ROLE billing_owner",
        "CREATE TEMP TABLE mine (id int);"
        " CREATE TRIGGER forge AFTER INSERT ON mine REFERENCING NEW TABLE AS new_rows"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_record('id')",
    ],
)
def test_the_application_can_neither_forge_nor_change_nor_silence_the_log(attack: str) -> None:
    with as_application() as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(attack)


@pytest.mark.django_db
def test_a_partition_made_later_is_closed_to_the_application_too() -> None:
    with as_application() as application:
        application.execute("SELECT audit_make_partitions('2031-05-17', 0)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("INSERT INTO audit_entry_2031_05 OVERRIDING SYSTEM VALUE SELECT * FROM audit_entry")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "attack", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_the_log_is_append_only_for_its_owner_too(attack: str) -> None:
    with as_owner() as owner:
        owner.execute(
            "INSERT INTO clocks_testclock (id, created_at, updated_at, version, name, frozen_time, status)"
            " VALUES (gen_random_uuid(), now(), now(), 1, 'x', now(), 'READY')"
        )
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute(attack)


@pytest.mark.django_db
def test_no_partition_can_be_truncated_by_itself() -> None:
    with as_owner() as owner:
        partitions = owner.execute(
            "SELECT relid::regclass::text FROM pg_partition_tree('audit_entry') WHERE isleaf"
        ).fetchall()
        assert len(partitions) >= 5
        for (partition,) in partitions:
            with pytest.raises(psycopg.errors.RestrictViolation), owner.transaction():
                owner.execute(f"TRUNCATE {partition}")


@pytest.mark.django_db
def test_excluded_columns_are_redacted_and_truncate_is_logged() -> None:
    operation = Audited("secrets", exclude=["token"], key="number")
    with as_owner() as owner:
        owner.execute("CREATE TABLE secrets (number int PRIMARY KEY, token text, name text)")
        owner.execute(operation.sql)
        owner.execute("INSERT INTO secrets VALUES (1, 'hidden', 'a')")
        owner.execute("UPDATE secrets SET token = 'hidden too', name = 'b'")
        owner.execute("UPDATE secrets SET name = 'c'")
        owner.execute("TRUNCATE secrets")
        logged = owner.execute(
            "SELECT operation, row_id, before, after FROM audit_entry WHERE table_name = 'secrets' ORDER BY id"
        ).fetchall()
    assert logged == [
        ("INSERT", "1", None, {"number": 1, "token": "[redacted]", "name": "a"}),
        ("UPDATE", "1", {"token": "[redacted]", "name": "a"}, {"token": "[redacted]", "name": "b"}),
        ("UPDATE", "1", {"name": "b"}, {"name": "c"}),
        ("TRUNCATE", "", None, None),
    ]


@pytest.mark.django_db
def test_the_operation_can_be_taken_back() -> None:
    operation = Audited("secrets")
    with as_owner() as owner:
        owner.execute("CREATE TABLE secrets (id int PRIMARY KEY)")
        owner.execute(operation.sql)
        owner.execute(operation.reverse_sql)
        count = owner.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'secrets'::regclass").fetchone()
    assert count == (0,)
    name, arguments, options = operation.deconstruct()
    assert (name, arguments, options) == ("Audited", ["secrets"], {"exclude": (), "key": "id"})


@pytest.mark.django_db
def test_the_session_of_django_is_no_owner() -> None:
    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute("ALTER TABLE audit_entry ADD COLUMN forged int")
