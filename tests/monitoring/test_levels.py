"""Service levels: budgets as sums, what web counts, what beat looks at, and that an outage loses nothing."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils.connection import ConnectionDoesNotExist

from apps.kernel import clock
from apps.kernel.schedule import Scope
from apps.monitoring import due, queries, readings, tally
from apps.monitoring.actions import levels as actions
from apps.monitoring.models import LevelCount, ProbeResult
from apps.monitoring.rules import levels
from apps.monitoring.rules.levels import Counted

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("good", "total", "left"),
    [(0, 0, "1"), (1000, 1000, "1"), (9995, 10000, "0.5"), (999, 1000, "0"), (995, 1000, "-4"), (0, 10, "-999")],
)
@pytest.mark.fr("SC-051")
def test_what_is_left_of_a_budget(good: int, total: int, left: str) -> None:
    assert levels.remaining(Counted(good, total), Decimal("0.999")) == Decimal(left)


@pytest.mark.fr("SC-051")
def test_availability_is_the_worse_of_requests_and_probe() -> None:
    counted = {levels.REQUESTS: Counted(9999, 10000), levels.PROBE: Counted(998, 1000)}
    assert levels.budgets(counted)[levels.AVAILABILITY] == levels.budgets(counted)[levels.PROBE] == -1


def test_windows_are_filled_in_from_the_last_look_a_day_at_most() -> None:
    at, five = NOON + timedelta(minutes=7), levels.EVERY
    assert list(levels.due_windows(None, at)) == [NOON]
    assert list(levels.due_windows(NOON, at)) == []
    assert list(levels.due_windows(NOON - 3 * five, at)) == [NOON - 2 * five, NOON - five, NOON]
    assert len(list(levels.due_windows(NOON - timedelta(days=9), at))) == 288


@pytest.fixture
def _empty() -> Any:
    tally._held.clear()
    yield
    tally._held.clear()


@pytest.mark.django_db
@pytest.mark.usefixtures("_empty")
@pytest.mark.fr("SC-051")
def test_web_counts_requests_and_adds_to_what_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "wall", lambda: NOON)
    monkeypatch.setattr(connection, "close", lambda: None)
    for failed, seconds in ((False, 0.01), (False, 0.3), (True, 0.9)):
        tally.note(clock.wall(), failed=failed, seconds=seconds)
    tally.flush()
    tally.note(clock.wall(), failed=False, seconds=0.01)
    tally.flush()
    tally.flush()
    found = queries.counted(NOON)
    assert found == {levels.REQUESTS: Counted(3, 4), levels.P95: Counted(2, 4), levels.P99: Counted(3, 4)}


@pytest.mark.django_db
@pytest.mark.usefixtures("_empty")
def test_what_cannot_be_written_is_kept_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "wall", lambda: NOON)
    monkeypatch.setattr(connection, "close", lambda: None)
    tally.note(clock.wall(), failed=True, seconds=0.01)

    def away(_: Any) -> None:
        tally.note(clock.wall(), failed=False, seconds=0.01)
        raise ConnectionDoesNotExist("away")

    with monkeypatch.context() as broken:
        broken.setattr(actions, "add", away)
        tally.flush()
    assert LevelCount.objects.count() == 0
    tally.flush()
    assert queries.counted(NOON)[levels.REQUESTS] == Counted(1, 2)


@pytest.mark.usefixtures("committed_db")
def test_processes_that_write_at_once_lose_no_count() -> None:
    def add() -> None:
        for _ in range(20):
            actions.add({(slo, NOON): Counted(1, 2) for slo in (levels.P95, levels.REQUESTS)})
        connection.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queries.counted(NOON)[levels.REQUESTS] == Counted(80, 160)


def probe(region: str, at: datetime, *, success: bool = True) -> None:
    ProbeResult.objects.create(region=region, success=success, milliseconds=1, at=at)


@pytest.mark.django_db
@pytest.mark.fr("SC-051")
def test_a_region_that_fell_silent_counts_as_one_that_failed_and_is_forgotten_in_a_day() -> None:
    probe("eu", NOON - timedelta(minutes=20))
    probe("us", NOON - timedelta(minutes=2), success=False)
    probe("us", NOON - timedelta(minutes=1))
    probe("asia", NOON - timedelta(days=2))
    assert queries.probed(NOON) == Counted(1, 2)


@pytest.mark.django_db
@pytest.mark.fr("B-13", "SC-051")
def test_beat_looks_at_each_window_once_and_repeats_change_nothing() -> None:
    probe("eu", NOON - timedelta(minutes=1))
    at = NOON + timedelta(seconds=30)
    assert due.earliest(at, Scope()) == NOON - levels.EVERY
    assert due.run(at, Scope()) == 1
    assert due.earliest(at, Scope()) is None
    assert due.run(at, Scope()) == 0
    rows = {row.slo: (row.good, row.total) for row in LevelCount.objects.all()}
    assert rows == dict.fromkeys(("availability_probe", "billing_run_on_time", "usage_freshness", "event_delay",
                                  "ledger_tie_out"), (1, 1))  # fmt: skip


@pytest.mark.django_db
@pytest.mark.fr("B-13")
def test_windows_in_which_beat_stood_still_were_not_on_time() -> None:
    due.run(NOON, Scope())
    due.run(NOON + 3 * levels.EVERY, Scope())
    found = queries.counted(NOON + timedelta(hours=1))
    assert (found[levels.RUN], found[levels.LEDGER]) == (Counted(2, 4), Counted(4, 4))


@pytest.mark.django_db
def test_a_test_clocks_time_says_nothing_about_service(django_db_blocker: Any) -> None:
    assert due.earliest(NOON, Scope(clock_id=ProbeResult().pk)) is None


@pytest.mark.django_db
@pytest.mark.fr("SC-051")
def test_the_metric_says_what_is_left_of_every_level() -> None:
    actions.add({(levels.REQUESTS, levels.window_of(clock.wall())): Counted(9990, 10000)})
    found = {labels[0]: value for labels, value in readings.error_budgets()}
    assert found.keys() == {levels.AVAILABILITY, *levels.LEVELS}
    assert found[levels.AVAILABILITY] == found[levels.REQUESTS] == 0
    assert found[levels.LEDGER] == 1
