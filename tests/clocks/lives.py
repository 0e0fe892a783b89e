"""Customers on a test clock, the worker's turns at it, and what counts of a life."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from apps.accounts.models import Account
from apps.clocks.actions import create
from apps.clocks.actions.advance import advance
from apps.clocks.actions.step import step
from apps.clocks.models import TestClock
from apps.clocks.rules import Status
from apps.events import relay
from apps.events.models import Event
from apps.events.rules import Lane
from apps.invoices.models import Invoice, Line
from apps.kernel.actors import system
from apps.plans.models import Plan
from apps.subscriptions.models import Subscription
from tests.factories.accounts import make_account
from tests.factories.subscriptions import make_subscription

ACTOR = system("tests")
START = datetime(2028, 1, 31, 9, tzinfo=UTC)
CUSTOMERS: dict[str, dict[str, Any]] = {
    "auckland": {"timezone": "Pacific/Auckland", "country": "NZ"},
    "berlin": {"timezone": "Europe/Berlin", "country": "DE"},
    "los angeles": {"timezone": "America/Los_Angeles", "country": "US"},
    "kiritimati": {"timezone": "Pacific/Kiritimati", "country": "KI"},
}
SUBSCRIPTIONS: tuple[dict[str, Any], ...] = (
    {"billing_anchor_date": date(2028, 1, 31), "quantity": 3},
    {"trial_days": 14},
)


def new_clock(at: datetime = START) -> TestClock:
    return create(name="life", frozen_time=at, actor=ACTOR)


def customers(clock: TestClock, plans: list[Plan]) -> None:
    """In each time zone one with an anchor on the 31st, and one in a trial."""
    for name, about in CUSTOMERS.items():
        account = make_account(at=clock.frozen_time, test_clock_id=clock.pk, name=name, **about)
        for plan, wish in zip(plans, SUBSCRIPTIONS, strict=True):
            make_subscription(account=account, plan=plan, at=clock.frozen_time, **wish)


def send(clock: TestClock, to: datetime) -> TestClock:
    """Set it on its way."""
    return advance(clock_id=clock.pk, to=to, actor=ACTOR)


def turn(clock: TestClock, seconds: float = 60) -> bool:
    return step(clock_id=clock.pk, seconds=seconds, actor=ACTOR)


def stands(clock: TestClock) -> TestClock:
    return TestClock.objects.get(pk=clock.pk)


def move(clock: TestClock, to: datetime) -> TestClock:
    """There, as a worker brings it, with the relay at work between its turns."""
    send(clock, to)
    while turn(clock, seconds=0):
        relay.drain(Lane.RUN)
    moved = stands(clock)
    assert (moved.status, moved.frozen_time) == (Status.READY, to), moved.error or moved.progress
    return moved


def move_daily(clock: TestClock, days: int) -> None:
    for _ in range(days):
        move(clock, stands(clock).frozen_time + timedelta(days=1))


def lives(clock: TestClock) -> dict[str, Any]:
    """By customer: invoices with their lines, subscriptions as they stand, and what was announced, in order."""
    return {
        account.name: (
            [_invoice(each) for each in Invoice.objects.filter(account=account).order_by("number")],
            list(
                Subscription.objects.filter(account=account)
                .order_by("id")
                .values_list("status", "billed_to", "current_period_start", "current_period_end", "next_billing_at")
            ),
            list(
                Event.objects.filter(account_id=account.pk)
                .order_by("effective_at", "event_type", "id")
                .values_list("event_type", "effective_at")
            ),
        )
        for account in Account.objects.filter(test_clock=clock)
    }


def _invoice(each: Invoice) -> Any:
    lines = Line.objects.filter(invoice=each).order_by("id")
    shown = [
        (line.kind, line.service_days.lower, line.service_days.upper, line.quantity, line.amount) for line in lines
    ]
    payments = sorted(each.payments.values_list("status", "amount", "settled_at", "failure_code"))
    return each.status, each.issue_date, each.due_date, each.subtotal, each.tax, each.total, shown, payments
