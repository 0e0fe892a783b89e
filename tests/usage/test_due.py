"""Room is made before it is needed; what is two years old goes, and nothing else."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from apps.kernel import clock, schedule
from apps.kernel.schedule import Scope
from apps.usage.actions.record import record
from apps.usage.actions.windows import Closing, close_windows
from apps.usage.models import Correction, MeterWindow, UsageEvent
from apps.usage.queries.partitions import months_missing
from tests.factories.usage import event, opened

pytestmark = pytest.mark.django_db
LATER = datetime(2033, 11, 30, 23, 59, tzinfo=UTC)
WORK = {work.name: work for work in schedule.registered() if work.name.startswith("usage.")}
ROOM, RETENTION = WORK["usage.partitions"], WORK["usage.retention"]


def sql(statement, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


def part_of(event_id):
    return sql("SELECT tableoid::regclass::text FROM usage_event WHERE id = %s", [event_id])


def at_id(instant):
    """An id of that instant."""
    return UUID(int=(int(instant.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))


def stored(instant):
    """An event that arrived then, by raw SQL."""
    sql(
        "INSERT INTO usage_event (id, subscription_id, metric, quantity, timestamp, received_at, idempotency_key)"
        " VALUES (%s, gen_random_uuid(), 'm', 1, %s, %s, 'k') RETURNING 1",
        [at_id(instant), instant, instant],
    )
    return at_id(instant)


def corrected(event_id):
    """A correction of it, by raw SQL."""
    sql(
        "INSERT INTO usage_correction (id, created_at, event_id, subscription_id, metric, timestamp, reason, at, actor)"
        " VALUES (gen_random_uuid(), now(), %s, gen_random_uuid(), 'm', now(), '', now(), 'user:1') RETURNING 1",
        [event_id],
    )


def test_months_are_made_once_and_over_the_year():
    assert ROOM.due(LATER, Scope()) == LATER
    assert ROOM.run(LATER, Scope()) == 5  # four months and a generation of keys
    assert ROOM.run(LATER, Scope()) == 0
    assert ROOM.due(LATER, Scope()) is None
    assert ROOM.pending(Scope()) == RETENTION.pending(Scope()) == 0
    assert part_of(stored(datetime(2033, 11, 1, tzinfo=UTC))) == "usage_event_2033_11"
    assert part_of(stored(datetime(2034, 2, 28, 23, 59, 59, 999000, tzinfo=UTC))) == "usage_event_2034_02"
    assert part_of(stored(datetime(2034, 3, 1, tzinfo=UTC))) == "usage_event_default"
    for name in ("usage_event_2033_11", "usage_key_2", "usage_event_default", "usage_event"):
        with pytest.raises(Exception, match=r"final|denied"), transaction.atomic():
            sql(f"TRUNCATE {name}")


def test_a_fresh_database_has_room_and_test_clocks_ask_for_none():
    assert not months_missing(clock.wall())
    for work in (ROOM, RETENTION):
        assert work.due(clock.wall(), Scope()) is None
        assert work.due(LATER, Scope(uuid4())) is None
        assert work.run(LATER, Scope(uuid4())) == 0


def test_a_month_that_nobody_made_in_time_stays_where_it_is():
    there = datetime(2033, 12, 5, tzinfo=UTC)
    assert part_of(stored(there)) == "usage_event_default"
    assert ROOM.run(LATER, Scope()) == 4
    assert part_of(at_id(there)) == "usage_event_default"


@pytest.mark.fr("FR-073", "FR-144")
def test_a_key_is_known_across_generations():
    now = clock.wall()
    one = opened(starts_at=now - timedelta(days=1))
    sent = event(one.subscription_id, timestamp=now)
    record([sent], at=now)
    assert ROOM.run(now + timedelta(days=366), Scope()) >= 1
    fresh = event(one.subscription_id, timestamp=now)
    receipt = record([sent, fresh], at=now)
    assert (list(receipt.repeated), list(receipt.stored)) == ([0], [1])
    assert sql("SELECT array_agg(generation ORDER BY generation)::text FROM usage_key") == "{1,2}"
    assert ROOM.run(now + timedelta(days=800), Scope()) >= 1
    assert sorted(record([sent, fresh], at=now).repeated) == [0, 1]


@pytest.mark.fr("FR-144")
def test_what_is_two_years_old_goes_with_a_dry_run_before():
    now = clock.wall()
    sql("SELECT usage_make_partitions('2022-05-01', 1)")
    gone, kept = stored(datetime(2022, 5, 2, tzinfo=UTC)), stored(now)
    out = StringIO()
    call_command("usage_retention", dry_run=True, stdout=out)
    assert "would drop usage_event_2022_05" in out.getvalue()
    assert UsageEvent.objects.filter(pk=gone).exists()
    assert RETENTION.due(now, Scope()) == now
    out = StringIO()
    call_command("usage_retention", stdout=out)
    assert "dropped usage_event_2022_05 (ended 2022-06-01" in out.getvalue()
    assert "2 dropped, 0 kept" in out.getvalue()
    assert RETENTION.due(now, Scope()) is None
    assert list(UsageEvent.objects.values_list("pk", flat=True)) == [kept]


@pytest.mark.fr("FR-144")
def test_windows_and_corrections_go_once_their_events_are_gone():
    now = clock.wall()
    sql("SELECT usage_make_partitions('2022-05-01', 0)")
    then = datetime(2022, 5, 10, tzinfo=UTC)
    ended, on_a_clock, recent, still_open = (
        opened(starts_at=then, clock_id=uuid4() if index == 1 else None) for index in range(4)
    )
    for one in (ended, on_a_clock):
        close_windows([Closing(one.subscription_id, then + timedelta(days=9), then + timedelta(days=16))])
    close_windows([Closing(recent.subscription_id, now - timedelta(days=9), now - timedelta(days=2))])
    gone, kept = stored(datetime(2022, 5, 12, tzinfo=UTC)), stored(now)
    for event_id in (gone, kept):
        corrected(event_id)
    with pytest.raises(Exception, match=r"final|append"), transaction.atomic():
        sql("DELETE FROM usage_correction WHERE event_id = %s RETURNING 1", [kept])
    # An open window needs the month, so nothing that belongs to it goes.
    assert (RETENTION.due(now, Scope()), RETENTION.run(now, Scope())) == (None, 0)
    close_windows([Closing(still_open.subscription_id, now - timedelta(days=9), now - timedelta(days=2))])
    assert RETENTION.due(now, Scope(uuid4())) is None
    out = StringIO()
    call_command("usage_retention", dry_run=True, stdout=out)
    assert "would forget 0 windows and 0 corrections" in out.getvalue()
    assert RETENTION.run(now, Scope()) == 3
    assert (RETENTION.due(now, Scope()), RETENTION.run(now, Scope())) == (None, 0)
    left = {each.subscription_id for each in MeterWindow.objects.all()}
    assert left == {on_a_clock.subscription_id, recent.subscription_id, still_open.subscription_id}
    assert list(Correction.objects.values_list("event_id", flat=True)) == [kept]


def test_a_thousand_are_forgotten_in_a_commit(monkeypatch):
    monkeypatch.setattr("apps.usage.actions.retention.BATCH", 2)
    then, now = datetime(2022, 5, 10, tzinfo=UTC), clock.wall()
    made = [opened(starts_at=then) for _ in range(5)]
    close_windows([Closing(one.subscription_id, then + timedelta(days=9), then + timedelta(days=16)) for one in made])
    out = StringIO()
    call_command("usage_retention", dry_run=True, stdout=out)
    assert "would forget 5 windows and 0 corrections" in out.getvalue()
    monkeypatch.setattr("apps.usage.actions.retention.BATCHES", 2)
    assert (RETENTION.run(now, Scope()), RETENTION.run(now, Scope()), MeterWindow.objects.count()) == (4, 1, 0)


def test_what_an_unfinished_period_needs_is_held():
    now = clock.wall()
    sql("SELECT usage_make_partitions('2022-05-01', 0)")
    long = opened(starts_at=datetime(2022, 5, 20, tzinfo=UTC))
    out = StringIO()
    call_command("usage_retention", stdout=out)
    assert "kept usage_event_2022_05" in out.getvalue()
    assert (RETENTION.due(now, Scope()), RETENTION.run(now, Scope())) == (None, 0)
    close_windows([Closing(long.subscription_id, now - timedelta(days=9), now - timedelta(days=2))])
    assert RETENTION.run(now, Scope()) == 1


@pytest.mark.parametrize("name", ["usage_event_2026_11", "usage_key_1", "usage_event_default", "accounts_account", "x"])
def test_nothing_younger_can_be_dropped_by_any_name(name):
    with pytest.raises(IntegrityError, match="not two years old"), transaction.atomic():
        sql("SELECT usage_drop_partition(%s)", [name])
