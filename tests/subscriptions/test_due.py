"""Runs: each period billed exactly once, whatever runs at once, late, again, or is killed."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.clocks.actions import create as make_clock
from apps.invoices.models import Invoice
from apps.kernel.schedule import Scope
from apps.kernel.transactions import copy_rows
from apps.monitoring.invariants import broken
from apps.payments.models import Payment
from apps.subscriptions import due
from apps.subscriptions.actions import bill
from apps.subscriptions.actions import run as running
from apps.subscriptions.actions.renew import renew, renew_claimed
from apps.subscriptions.models import BilledPeriod, BillingRun, Subscription
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription, with_card
from tests.subscriptions.lives import MAY, WALL, an_hour_passes, life, many, periods, without_price

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
@pytest.mark.fr("FR-032")
def test_every_missed_period_is_billed_once_and_in_order_in_one_run() -> None:
    monthly = make_subscription(at=datetime(2026, 1, 31, 9, tzinfo=UTC))
    weekly = make_subscription(plan=make_plan(interval="week"), at=datetime(2026, 3, 20, 9, tzinfo=UTC))
    assert due.run(MAY, WALL) == 3 + 6
    assert periods(monthly) == [
        (date(2026, 1, 31), date(2026, 2, 28), 4900), (date(2026, 2, 28), date(2026, 3, 31), 4900),
        (date(2026, 3, 31), date(2026, 4, 30), 4900), (date(2026, 4, 30), date(2026, 5, 31), 4900),
    ]  # fmt: skip
    starts = [start for start, _, _ in periods(weekly)]
    assert starts == [date(2026, 3, 20) + timedelta(weeks=week) for week in range(7)]
    assert due.run(MAY, WALL) == 0
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-032")
def test_one_that_stopped_holds_nobody_up_and_goes_on_when_it_is_mended(settings: Any) -> None:
    settings.BILLING_RENEWAL_BATCH = 2
    bad = make_subscription()
    version = bad.plan_version_id
    without_price(bad)
    assert due.run(MAY, WALL) == 1
    assert due.earliest(MAY + timedelta(minutes=59), WALL) is None
    others = many(3)
    tried: list[list[Any]] = []

    def watched(ids: Any, **rest: Any) -> Any:
        tried.append(list(ids))
        return renew(ids, **rest)

    def claimed(claim: Any, **rest: Any) -> Any:
        def told() -> Any:
            if ids := list(claim()):
                tried.append(ids)
            return ids

        return renew_claimed(told, **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "renew", watched)
        patch.setattr(running, "renew_claimed", claimed)
        an_hour_passes()
        later = MAY + timedelta(hours=1)
        assert due.run(later, WALL) == 3 + 1
        assert due.earliest(later, WALL) is None
        assert tried == [[others[0].pk, others[1].pk], [others[2].pk], [bad.pk]]
    Subscription.objects.filter(pk=bad.pk).update(plan_version_id=version)
    an_hour_passes()
    july = datetime(2026, 7, 2, tzinfo=UTC)
    assert due.run(july, WALL) == 3 + 2 * 3
    bad.refresh_from_db()
    assert (bad.billing_error, bad.billed_to) == ("", date(2026, 8, 1))
    assert len(periods(bad)) == 4
    assert broken() == []


@pytest.mark.django_db
def test_a_run_of_another_clock_bills_nobody_here(settings: Any) -> None:
    frozen = make_clock(name="c", frozen_time=AT, actor=ACTOR)
    mine = make_subscription(account=make_account(test_clock_id=frozen.pk))
    other = make_subscription()
    assert due.run(MAY, WALL) == 1
    assert (len(periods(mine)), len(periods(other))) == (1, 2)
    scope = Scope(frozen.pk)
    assert due.earliest(MAY, scope) == datetime(2026, 5, 1, tzinfo=UTC)
    assert due.run(datetime(2026, 5, 1, tzinfo=UTC), scope) == 1
    assert Invoice.objects.order_by("-number").first().issue_date == date(2026, 5, 1)
    assert due.WORK.pending(scope) == 0


def run_at_once(runs: int, at: datetime) -> None:
    start = Barrier(runs)

    def run(_: int) -> None:
        try:
            start.wait()
            due.run(at, WALL)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(runs) as pool:
        list(pool.map(run, range(runs)))


def counts(row: BillingRun) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("status", "due", "done", "periods", "invoices", "failed", "batches")}


@pytest.mark.fr("FR-032")
def test_runs_at_once_bill_each_period_once(committed_db: str, settings: Any) -> None:
    settings.BILLING_RENEWAL_BATCH = 7
    made = many(30)
    for each in made[::3]:
        with_card(each.account)
    july = datetime(2026, 7, 2, tzinfo=UTC)
    run_at_once(3, july)
    assert counts(BillingRun.objects.get()) == {
        "status": "FINISHED", "due": 30, "done": 30, "periods": 90, "invoices": 90, "failed": 0,
        "batches": BillingRun.objects.get().batches,
    }  # fmt: skip
    assert {len(periods(each)) for each in made} == {4}
    for each in made:
        assert [start for start, _, _ in periods(each)] == [date(2026, month, 1) for month in (4, 5, 6, 7)]
    assert Payment.objects.filter(status="PENDING").count() == 30
    assert broken() == []


_RUN = """
import os, sys, django
django.setup()
from datetime import datetime, UTC
from apps.kernel.schedule import Scope
from apps.subscriptions import due
from apps.subscriptions.actions import bill
kill_at, seen, copy = int(sys.argv[1]), 0, bill.copy_rows
def copying(*arguments):
    global seen
    seen += 1
    if seen == kill_at:
        print("in the middle", flush=True)
        sys.stdin.read()
    copy(*arguments)
bill.copy_rows = copying
print(due.run(datetime(2026, 7, 2, tzinfo=UTC), Scope()), flush=True)
"""


@pytest.mark.fr("FR-032")
def test_a_run_killed_in_the_middle_leaves_nothing_half_done(committed_db: str) -> None:
    made = many(12)
    environment = {**os.environ, "DATABASE_URL": committed_db, "PYTHONPATH": str(ROOT)}
    environment["DJANGO_SETTINGS_MODULE"] = "billing_project.settings"
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _RUN, "2"],
        env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        # The first batch is committed; of the second everything but its billed days is written, and nothing is seen.
        assert Invoice.objects.count() == 24
        assert broken() == []
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert (Invoice.objects.count(), BilledPeriod.objects.count()) == (24, 24)
    assert broken() == []
    expected = {"status": "RUNNING", "due": 12, "done": 0, "periods": 12, "invoices": 12, "failed": 0, "batches": 1}
    assert counts(BillingRun.objects.get()) == expected
    assert due.run(datetime(2026, 7, 2, tzinfo=UTC), WALL) == 24
    expected |= {"status": "FINISHED", "done": 12, "periods": 36, "invoices": 36, "batches": 3}
    assert counts(BillingRun.objects.get()) == expected
    assert {len(periods(each)) for each in made} == {4}
    assert broken() == []


@pytest.mark.fr("FR-032")
def test_two_processes_at_once_share_one_run(committed_db: str) -> None:
    made = many(20)
    environment = {**os.environ, "DATABASE_URL": committed_db, "PYTHONPATH": str(ROOT)}
    environment["DJANGO_SETTINGS_MODULE"] = "billing_project.settings"
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _RUN, "1"],
            env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    # One is held in the middle of its first batch, the other waits for its locks: then both go on.
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0, 0]
    row = BillingRun.objects.get()
    assert counts(row) == {
        "status": "FINISHED", "due": 20, "done": 20, "periods": 60, "invoices": 60, "failed": 0, "batches": 3,
    }  # fmt: skip
    assert {len(periods(each)) for each in made} == {4}
    assert broken() == []


class Interrupted(BaseException):
    """The process ends here: no code of ours handles it."""


kinds = st.tuples(
    st.sampled_from(["day", "week", "month"]), st.integers(1, 3), st.sampled_from([0, 0, 5, 33]),
    st.sampled_from(["UTC", "Pacific/Auckland", "Pacific/Honolulu"]), st.integers(0, 45), st.sampled_from([0, 999]),
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.fr("FR-032")
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    born=st.lists(kinds, min_size=1, max_size=4),
    runs=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 3), st.none() | st.integers(1, 4)), max_size=4),
)
def test_any_runs_give_the_life_of_daily_runs(born: list[Any], runs: list[Any]) -> None:
    """Two lives: runs repeated, late and interrupted after some batches; and one run a day that is never missed."""
    lives = []
    for daily in (True, False):
        with transaction.atomic():
            made = [
                make_subscription(
                    account=make_account(timezone=zone), trial_days=trial, start_date=AT.date() - timedelta(days=back),
                    plan=make_plan(interval=unit, interval_count=count, prices={"USD": price}),
                )
                for unit, count, trial, zone, back, price in born
            ]  # fmt: skip
            end = AT + timedelta(days=35)
            if daily:
                for day in range(36):
                    due.run(AT + timedelta(days=day), WALL)
            else:
                at = AT
                for later, repeats, interrupted in runs:
                    at = min(at + timedelta(days=later), end)
                    for _ in range(repeats):
                        _run_interrupted(at, interrupted)
                due.run(end, WALL)
            lives.append(life(made))
            assert broken() == []
            transaction.set_rollback(True)
    assert lives[0] == lives[1]


def _run_interrupted(at: datetime, after: int | None) -> None:
    """A run that ends before its batch number `after` is committed; None: not at all."""
    batches = 0

    def counted(*arguments: Any, **rest: Any) -> Any:
        nonlocal batches
        batches += 1
        if batches == after:
            with transaction.atomic():
                renew(*arguments, **rest)
                raise Interrupted
        return renew(*arguments, **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "renew", counted)
        with suppress(Interrupted):
            due.run(at, WALL)


@pytest.mark.fr("FR-032")
def test_a_connection_lost_within_a_batch_costs_nothing(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL ends the session of a run once its billed days are to be written: the batch is done again."""
    made = many(4)
    ended: list[int] = []

    def cut(*arguments: Any) -> None:
        if not ended:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                ended.append(cursor.fetchone()[0])
            with psycopg.connect(committed_db, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", ended)
        copy_rows(*arguments)

    monkeypatch.setattr(bill, "copy_rows", cut)
    assert due.run(MAY, WALL) == 4
    assert ended
    assert [len(periods(each)) for each in made] == [2, 2, 2, 2]
    assert set(Subscription.objects.values_list("billing_error", flat=True)) == {""}
    assert broken() == []
