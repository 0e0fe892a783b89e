"""Changes inside a period against an oracle that charges each day by itself: never more than a unit a change apart."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.invoices.models import Invoice, Line
from apps.invoices.rules import LineKind, Status
from apps.monitoring.invariants import broken
from apps.plans.models import Plan
from apps.subscriptions.actions.change import change
from apps.subscriptions.models import Subscription
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription

pytestmark = [pytest.mark.django_db, pytest.mark.fr("FR-026", "SC-009")]
Change = tuple[int, int, int]
"""Day of the period counted from 0, which plan, how many seats."""
PRICES = (4900, 9900, 33)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def charged(subscription: Subscription) -> int:
    """What all its invoices that stand have charged, less what they have given back."""
    lines = Line.objects.filter(subscription_id=subscription.pk).exclude(invoice__status=Status.VOID)
    return int(lines.exclude(kind=LineKind.CREDIT_TO_BALANCE).aggregate(sum=Sum("amount"))["sum"] or 0)


def by_days(days: int, first: tuple[int, int], changes: Sequence[Change]) -> Fraction:
    """Price times seats of each day, as it stood at the end of that day, over the days of the period."""
    cost, (price, seats) = Fraction(0), first
    for day in range(days):
        for when, plan, quantity in changes:
            if when == day:
                price, seats = PRICES[plan], quantity
        cost += Fraction(price * seats, days)
    return cost


def live(plans: Sequence[Plan], begins: date, changes: Sequence[Change], **fields: Any) -> Subscription:
    made = make_subscription(plan=plans[0], at=noon(begins), **fields)
    for day, plan, quantity in changes:
        change(
            subscription_id=made.pk,
            plan_id=plans[plan].pk,
            quantity=quantity,
            at=noon(begins + timedelta(days=day)),
            actor=ACTOR,
        )
    return made


DAYS = st.lists(
    st.tuples(st.integers(0, 29), st.integers(0, 2), st.integers(1, 9)), max_size=8
).map(lambda changes: sorted(changes, key=lambda each: each[0]))  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DAYS)
@example([(14, 1, 1)])
@example([(9, 1, 1), (19, 2, 1)])
@example([(0, 1, 2), (0, 2, 3), (29, 0, 1), (29, 1, 9)])
def test_a_month_of_changes_costs_what_its_days_cost(changes: list[Change]) -> None:
    plans = [make_plan(prices={"USD": price}) for price in PRICES]
    made = live(plans, date(2026, 4, 1), changes)
    exact = by_days(30, (PRICES[0], 1), changes)
    assert abs(charged(made) - exact) <= len(changes) + 1


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DAYS, st.sampled_from(["JPY", "KWD", "USD"]), st.sampled_from(["Pacific/Auckland", "America/Havana", "UTC"]))
def test_in_any_currency_and_zone(changes: list[Change], currency: str, zone: str) -> None:
    plans = [make_plan(prices={currency: price}) for price in PRICES]
    begins = date(2026, 4, 1)
    # Noon in UTC is the next local day in Auckland: the whole life is a day later there.
    account = make_account(currency=currency, timezone=zone, at=noon(begins))
    made = live(plans, begins, changes, account=account)
    assert abs(charged(made) - by_days(30, (PRICES[0], 1), changes)) <= len(changes) + 1


@pytest.mark.long
def test_a_thousand_changes_in_one_period() -> None:
    plans = [make_plan(prices={"USD": price}, interval="year") for price in PRICES]
    changes = [(number * 365 // 1000, number % 3, number % 9 + 1) for number in range(1000)]
    made = live(plans, date(2026, 1, 1), changes)
    # Of a day's changes the last one counts, so there are as many as days.
    assert abs(charged(made) - by_days(365, (PRICES[0], 1), changes)) <= 365
    assert Invoice.objects.exclude(status=Status.VOID).count() <= 366
    assert broken() == []
