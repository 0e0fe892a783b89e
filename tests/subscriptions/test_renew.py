"""Renewal: each period billed exactly once, whatever runs, fails, is killed or is repeated."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.actions import update as update_account
from apps.accounts.models import Account
from apps.clocks.actions import create as make_clock
from apps.events.models import Event
from apps.invoices.models import Invoice, Line
from apps.kernel.schedule import Scope
from apps.monitoring.invariants import broken
from apps.payments.models import Payment
from apps.plans.models import Plan
from apps.rest.objects import builtins
from apps.subscriptions import due
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.metrics import renewal_failures_total
from apps.subscriptions.models import BilledPeriod, Subscription
from apps.subscriptions.objects import subscription_objects
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription, with_card

ROOT = Path(__file__).resolve().parents[2]
WALL = Scope()
MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


def periods(subscription: Subscription) -> list[tuple[date, date, int]]:
    """Its billed days with what each cost, in the order of their invoices."""
    rows = Line.objects.filter(subscription_id=subscription.pk).order_by("invoice__number")
    return [(row.service_days.lower, row.service_days.upper, row.amount) for row in rows]


@pytest.mark.django_db
@pytest.mark.fr("FR-028", "FR-018")
def test_a_trial_becomes_active_with_its_first_invoice_at_its_end() -> None:
    account = make_account()
    with_card(account)
    made = make_subscription(account=account, trial_days=14)
    ends = datetime(2026, 4, 15, tzinfo=UTC)
    assert due.earliest(ends - timedelta(seconds=1), WALL) is None
    assert due.run(ends - timedelta(seconds=1), WALL) == 0
    assert due.earliest(ends, WALL) == ends
    assert due.run(ends, WALL) == 1
    made.refresh_from_db()
    assert (made.status, made.version, made.next_billing_at) == ("ACTIVE", 2, datetime(2026, 5, 15, tzinfo=UTC))
    assert periods(made) == [(date(2026, 4, 15), date(2026, 5, 15), 4900)]
    assert Payment.objects.get().status == "PENDING"
    event = Event.objects.get(event_type="subscription.trial_ended")
    assert event.data["object"] == builtins(subscription_objects([made], versions={made.plan_version_id: 1})[0])
    assert event.data["previous_attributes"] == {
        "status": "TRIAL", "current_period_start": "2026-04-01T00:00:00Z",
        "current_period_end": "2026-04-15T00:00:00Z", "next_billing_at": "2026-04-15T00:00:00Z",
    }  # fmt: skip
    assert (event.lane, event.effective_at) == ("run", ends)
    assert not Event.objects.filter(event_type="subscription.updated").exists()
    assert broken() == []


@pytest.mark.django_db
def test_a_renewal_is_announced_with_what_changed() -> None:
    made = make_subscription()
    renew([made.pk], at=MAY, actor=ACTOR)
    made.refresh_from_db()
    event = Event.objects.get(event_type="subscription.updated")
    assert event.data["object"] == builtins(subscription_objects([made], versions={made.plan_version_id: 1})[0])
    assert set(event.data["previous_attributes"]) == {"current_period_start", "current_period_end", "next_billing_at"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor, after ->> 'billed_to' FROM audit_entry WHERE table_name = 'subscriptions_subscription'"
            " AND row_id = %s AND operation = 'UPDATE'", [str(made.pk)],
        )  # fmt: skip
        assert cursor.fetchall() == [(str(ACTOR), "2026-06-01")]


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
def test_what_is_not_due_is_left_alone() -> None:
    made, paused = make_subscription(), make_subscription()
    Subscription.objects.filter(pk=paused.pk).update(status="PAUSED", next_billing_at=None)
    renewed = renew([made.pk, paused.pk], at=made.next_billing_at - timedelta(microseconds=1), actor=ACTOR)
    assert (renewed.periods, renewed.invoice_ids, renewed.failures) == (0, [], {})
    assert renew([made.pk, paused.pk], at=MAY, actor=ACTOR).periods == 1
    assert renew([], at=MAY, actor=ACTOR).periods == 0


@pytest.mark.django_db
def test_a_free_period_moves_on_without_an_invoice() -> None:
    made = make_subscription(plan=make_plan(prices={"USD": 0}))
    renewed = renew([made.pk], at=MAY, actor=ACTOR)
    assert (renewed.periods, renewed.invoice_ids) == (1, [])
    made.refresh_from_db()
    assert made.billed_to == date(2026, 6, 1)
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-037")
def test_a_new_time_zone_counts_from_the_next_boundary() -> None:
    made = make_subscription(account=make_account(timezone="Pacific/Auckland"))
    promised = made.next_billing_at
    assert promised == datetime(2026, 5, 1, 12, tzinfo=UTC)  # 2 May there: it was created on the 2nd
    update_account(
        account_id=made.account_id, changes={"timezone": "America/New_York"}, expected_version=None, at=AT, actor=ACTOR
    )
    assert renew([made.pk], at=promised - timedelta(seconds=1), actor=ACTOR).periods == 0
    assert renew([made.pk], at=promised, actor=ACTOR).periods == 1
    made.refresh_from_db()
    assert (made.current_period_start, made.current_period_end) == (promised, datetime(2026, 6, 2, 4, tzinfo=UTC))
    line = Line.objects.get(subscription_id=made.pk, service_days__startswith=date(2026, 5, 2))
    assert (line.period_start, line.period_end) == (made.current_period_start, made.current_period_end)
    assert broken() == []


def many(count: int, plan: Plan | None = None) -> list[Subscription]:
    sold = plan or make_plan()
    return [make_subscription(plan=sold) for _ in range(count)]


def without_price(subscription: Subscription) -> None:
    """It can never be billed: its version has no price in its currency."""
    other = make_plan(prices={"EUR": 100}).versions.get()
    Subscription.objects.filter(pk=subscription.pk).update(plan_version=other)


def billed_already(subscription: Subscription) -> None:
    """PostgreSQL itself refuses its next period: a day of it is billed."""
    BilledPeriod.objects.create(subscription=subscription, days=(date(2026, 5, 20), date(2026, 5, 21)))


def nowhere(subscription: Subscription) -> None:
    """Its days cannot be told: there is no such time zone."""
    Account.objects.filter(pk=subscription.account_id).update(timezone="Nowhere/Nothing")


@pytest.mark.django_db
@pytest.mark.fr("FR-032")
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (without_price, "price_missing: "),
        (billed_already, "ExclusionViolation: conflicting key value violates exclusion constraint"),
        (nowhere, "timezone_unknown: "),
    ],
)
def test_one_that_cannot_be_billed_stops_alone(
    fault: Callable[[Subscription], None], reason: str, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    made = many(5)
    bad = made[2]
    fault(bad)
    counted = renewal_failures_total._value.get()
    renewed = renew([each.pk for each in made], at=MAY, actor=ACTOR)
    assert (renewed.periods, len(renewed.invoice_ids), set(renewed.failures)) == (4, 4, {bad.pk})
    assert renewal_failures_total._value.get() == counted + 1
    logged = "".join(capfd.readouterr()) + caplog.text
    assert "renewal_stopped" in logged
    bad.refresh_from_db()
    assert bad.billing_error.startswith(reason)
    assert len(bad.billing_error.splitlines()) == 1
    assert (bad.billed_to, bad.version) == (date(2026, 5, 1), 1)
    assert [len(periods(each)) for each in made] == [2, 2, 1, 2, 2]
    assert sorted(Invoice.objects.values_list("number", flat=True))[-1] == "INV-2026-000009"


@pytest.mark.django_db
@pytest.mark.fr("FR-032")
def test_one_that_stopped_holds_nobody_up_and_goes_on_when_it_is_mended(settings: Any) -> None:
    settings.BILLING_RENEWAL_BATCH = 2
    bad = make_subscription()
    version = bad.plan_version_id
    without_price(bad)
    assert due.run(MAY, WALL) == 0
    others = many(3)
    tried: list[list[Any]] = []

    def watched(ids: Any, **rest: Any) -> Any:
        tried.append(list(ids))
        return renew(ids, **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(due, "renew", watched)
        assert due.run(MAY, WALL) == 3
        assert tried == [[others[0].pk, others[1].pk], [others[2].pk], [bad.pk]]
    Subscription.objects.filter(pk=bad.pk).update(plan_version_id=version)
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


@pytest.mark.django_db
def test_as_many_queries_for_two_hundred_as_for_one() -> None:
    plan = make_plan()
    many(1, plan)
    due.run(MAY, WALL)  # whatever is read once is read
    counts = set()
    for size in (1, 10, 200):
        ids = [each.pk for each in many(size, plan)]
        with CaptureQueriesContext(connection) as captured:
            assert renew(ids, at=MAY, actor=ACTOR).periods == size
        counts.add(len(captured))
    assert counts == {23}


@pytest.mark.django_db
@pytest.mark.fr("FR-032")
@pytest.mark.parametrize(
    ("first", "last", "refused"),
    [("2026-04-30", "2026-05-01", True), ("2026-03-01", "2026-04-02", True), ("2026-05-01", "2026-05-02", False)],
)
def test_a_day_cannot_be_billed_twice_by_anybody(first: str, last: str, refused: bool) -> None:
    made = make_subscription()
    insert = (
        "INSERT INTO subscriptions_billedperiod (id, created_at, subscription_id, component, days, waived)"
        " VALUES (gen_random_uuid(), now(), %s, %s, daterange(%s, %s), %s)"
    )
    with connection.cursor() as cursor:
        for waived in (False, True):
            if not refused:
                cursor.execute(insert, [made.pk, "recurring", first, last, False])
                break
            with pytest.raises(IntegrityError, match="subscriptions_each_day_billed_once"), transaction.atomic():
                cursor.execute(insert, [made.pk, "recurring", first, last, waived])
        cursor.execute(insert, [made.pk, "api_calls", first, last, False])


def run_at_once(runs: int, at: datetime) -> list[int]:
    start = Barrier(runs)

    def run(_: int) -> int:
        try:
            start.wait()
            return due.run(at, WALL)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(runs) as pool:
        return list(pool.map(run, range(runs)))


@pytest.mark.fr("FR-032")
def test_runs_at_once_bill_each_period_once(committed_db: str, settings: Any) -> None:
    settings.BILLING_RENEWAL_BATCH = 7
    made = many(30)
    for each in made[::3]:
        with_card(each.account)
    july = datetime(2026, 7, 2, tzinfo=UTC)
    assert sum(run_at_once(3, july)) == 90
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
    assert due.run(datetime(2026, 7, 2, tzinfo=UTC), WALL) == 24
    assert {len(periods(each)) for each in made} == {4}
    assert broken() == []


class Interrupted(BaseException):
    """The process ends here: no code of ours handles it."""


def life(subscriptions: list[Subscription]) -> list[Any]:
    """What counts of them: days, amounts, states, in order."""
    return [
        (periods(each), *Subscription.objects.values_list(
            "status", "billed_to", "current_period_start", "current_period_end", "next_billing_at", "billing_error"
        ).get(pk=each.pk))
        for each in subscriptions
    ]  # fmt: skip


kinds = st.tuples(
    st.sampled_from(["day", "week", "month"]), st.integers(1, 3), st.sampled_from([0, 0, 5, 33]),
    st.sampled_from(["UTC", "Pacific/Auckland", "Pacific/Honolulu"]), st.integers(0, 45), st.sampled_from([0, 999]),
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.fr("FR-032")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        patch.setattr(due, "renew", counted)
        with suppress(Interrupted):
            due.run(at, WALL)
