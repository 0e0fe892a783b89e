"""How a worker moves a clock: in order of time, waiting for what it set off, past what fails, after whoever died."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import OperationalError

from apps.clocks.actions.step import PATIENT_TURNS, forgotten
from apps.clocks.models import TestClock
from apps.clocks.rules import FORGOTTEN, LEASE, LONGEST_ADVANCE, Status
from apps.invoices.models import Invoice
from apps.kernel import clock as kernel_clock
from apps.kernel.errors import Invalid
from apps.subscriptions.models import Subscription
from tests.clocks.lives import START, customers, lives, move, move_daily, new_clock, send, stands, turn
from tests.clocks.works import Pieces, registered
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANOTHER = UUID(int=7)


@pytest.mark.fr("B-01")
@pytest.mark.long
def test_day_by_day_and_in_one_leap_a_life_is_the_same() -> None:
    plans = [make_plan(), make_plan(prices={"USD": 1900})]
    daily, leap = new_clock(), new_clock()
    customers(daily, plans)
    customers(leap, plans)
    move_daily(daily, 70)
    move(leap, START + 70 * DAY)
    assert lives(leap) == lives(daily)
    # In 70 days from 31 January of a leap year: the anchor's 31 Jan, 29 Feb and 31 March, and two months after a trial.
    billed = {name: [invoice[1].isoformat() for invoice in life[0]] for name, life in lives(leap).items()}
    assert billed["berlin"] == ["2028-01-31", "2028-02-14", "2028-02-29", "2028-03-14", "2028-03-31"]
    assert set(map(len, billed.values())) == {5}


@pytest.mark.fr("B-01")
@pytest.mark.long
def test_ten_years_are_one_call() -> None:
    clock = new_clock()
    make_subscription(account=make_account(at=START, test_clock_id=clock.pk, timezone="Europe/Berlin"), at=START)
    moved = move(clock, START + LONGEST_ADVANCE)
    assert Invoice.objects.filter(account__test_clock=clock).count() == 1 + 120
    assert moved.progress["pieces"] >= 120


def test_each_piece_is_done_at_its_own_instant_in_order() -> None:
    clock = new_clock()
    first = Pieces(clock.pk, START + 3 * HOUR, START + 9 * HOUR)
    second = Pieces(clock.pk, START + HOUR, START + 3 * HOUR, START + 2 * DAY)
    with registered(first), registered(second):
        moved = move(clock, START + DAY)
    assert first.done == [(START + 3 * HOUR,) * 2, (START + 9 * HOUR,) * 2]
    assert second.done == [(START + HOUR,) * 2, (START + 3 * HOUR,) * 2]
    assert second.left == [START + 2 * DAY]
    assert (moved.progress["pieces"], moved.target, moved.lease_until) == (4, None, None)


def test_what_was_due_before_is_done_at_the_time_that_it_is() -> None:
    clock = new_clock()
    with registered(Pieces(clock.pk, START - DAY)) as late:
        move(clock, START)
    assert late.done == [(START - DAY, START)]


def test_time_stands_still_until_nothing_is_pending() -> None:
    clock, seen = new_clock(), list[datetime]()
    with registered(Pieces(clock.pk, START + HOUR)) as work, registered(Pieces(clock.pk, START + 2 * HOUR)) as next_one:
        work.before = lambda at: work.waits.extend([2, 1])
        work.asked = lambda: seen.append(stands(clock).frozen_time)
        next_one.before = lambda at: seen.clear() if work.waits else None
        move(clock, START + DAY)
    assert seen.count(START + HOUR) == 3, "asked until it said 0, and only then time went on"


def test_waiting_holds_no_worker_and_rings_whoever_finishes_it() -> None:
    clock = new_clock()
    with registered(Pieces(clock.pk)) as work:
        work.waits = [1] * 100_000
        send(clock, START + DAY)
        wanted = [turn(clock, seconds=0.03) for _ in range(PATIENT_TURNS + 1)]
        held = stands(clock)
        assert (held.status, held.frozen_time, held.lease_token) == (Status.ADVANCING, START, None)
        assert list(held.progress["waiting_for"].values()) == [1]
        # Rung for from the second turn on; after so many in vain the sweep comes by, and rings from then on.
        assert wanted == [True] * (PATIENT_TURNS - 1) + [False, False]
        assert work.rung == PATIENT_TURNS
        work.waits = []
        assert turn(clock) is False
    done = stands(clock)
    assert (done.status, done.frozen_time) == (Status.READY, START + DAY)
    assert "waiting_for" not in done.progress


@pytest.mark.parametrize("follows", [True, False])
def test_what_stays_due_is_passed_and_holds_up_nothing(follows: bool) -> None:
    clock = new_clock()
    stuck = START + HOUR
    with registered(Pieces(clock.pk, stuck, START + 5 * HOUR, START + 30 * HOUR), follows=follows) as work:
        work.stuck = {stuck}
        move(clock, START + 2 * DAY)
        assert work.done == [(START + 5 * HOUR,) * 2, (START + 30 * HOUR,) * 2]
        # The next move tries it again.
        work.stuck = set()
        move(clock, START + 2 * DAY)
    assert work.done[-1] == (stuck, START + 2 * DAY)


def test_work_that_never_ends_is_passed_too() -> None:
    clock = new_clock()
    with registered(Pieces(clock.pk, START + HOUR)) as work:
        work.run = lambda at, scope: 1  # type: ignore[method-assign]
        move(clock, START + DAY)


def test_work_that_raises_stops_the_clock_there_and_is_tried_again() -> None:
    clock = new_clock()
    with registered(Pieces(clock.pk, START + HOUR, START + 2 * HOUR)) as work:

        def refuse(at: datetime) -> None:
            if at == START + 2 * HOUR:
                raise Invalid("price_missing", "No price.", hint="Add one.")

        work.before = refuse
        send(clock, START + DAY)
        assert turn(clock) is False
        failed = stands(clock)
        assert (failed.status, failed.frozen_time, failed.target) == (Status.FAILED, START + 2 * HOUR, START + DAY)
        assert failed.error.endswith("price_missing: No price.")
        assert failed.error.startswith("tests.pieces")
        assert turn(clock) is False, "a clock that failed waits for a person"
        work.before = lambda at: None
        moved = move(clock, START + DAY)
    assert moved.error == ""
    assert work.done == [(START + HOUR,) * 2, (START + 2 * HOUR,) * 2]


def test_a_database_that_is_away_fails_nothing() -> None:
    clock = new_clock()
    with registered(Pieces(clock.pk, START + HOUR)) as work:

        def lost(at: datetime) -> None:
            raise OperationalError("server closed the connection unexpectedly")

        work.before = lost
        send(clock, START + DAY)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("apps.clocks.actions.step.connection.close", lambda: None)
            assert turn(clock) is False
        held = stands(clock)
        assert (held.status, held.frozen_time, held.error) == (Status.ADVANCING, START + HOUR, "")
        work.before = lambda at: None
        turn(clock)
    assert stands(clock).status == Status.READY


def test_one_worker_at_a_time_and_another_when_it_died() -> None:
    clock = new_clock()
    send(clock, START + DAY)
    rows = TestClock.objects.filter(pk=clock.pk)
    now = kernel_clock.wall()
    rows.update(lease_until=now + LEASE, lease_token=clock.pk)
    assert turn(clock) is False
    assert stands(clock).status == Status.ADVANCING
    assert forgotten(now) == []
    assert forgotten(now + LEASE + FORGOTTEN) == []
    assert forgotten(now + LEASE + FORGOTTEN + HOUR) == [clock.pk]
    rows.update(lease_until=now)
    turn(clock)
    assert stands(clock).status == Status.READY
    assert forgotten(now + DAY) == []


def test_who_lost_the_lease_writes_nothing_more() -> None:
    clock = new_clock()
    with registered(Pieces(clock.pk, START + HOUR, START + 2 * HOUR)) as work:
        work.before = lambda at: TestClock.objects.filter(pk=clock.pk).update(lease_token=ANOTHER)
        send(clock, START + DAY)
        assert turn(clock) is False
        held = stands(clock)
    assert (held.status, held.frozen_time, held.lease_token) == (Status.ADVANCING, START + HOUR, ANOTHER)


def test_a_subscription_that_cannot_be_billed_holds_up_no_other() -> None:
    plans = [make_plan(), make_plan(prices={"USD": 1900})]
    clock, whole = new_clock(), new_clock()
    customers(clock, plans)
    customers(whole, plans)
    broken = Subscription.objects.filter(account__test_clock=clock, account__name="auckland").order_by("id").first()
    assert broken is not None
    without_price = make_plan(prices={"EUR": 100}).versions.get()
    Subscription.objects.filter(pk=broken.pk).update(plan_version=without_price)
    move(clock, START + 40 * DAY)
    move(whole, START + 40 * DAY)
    expected, found = lives(whole), lives(clock)
    assert {name: found[name] for name in found if name != "auckland"} == {
        name: expected[name] for name in expected if name != "auckland"
    }
    assert Invoice.objects.filter(account__test_clock=clock, account__name="auckland").count() == 2
    assert Subscription.objects.get(pk=broken.pk).billing_error
