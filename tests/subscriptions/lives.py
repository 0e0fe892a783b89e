"""Subscriptions by the dozen, and what counts of their lives."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from apps.invoices.models import Line
from apps.kernel import clock
from apps.kernel.errors import DomainError
from apps.kernel.schedule import Scope
from apps.plans.models import Plan
from apps.subscriptions.models import Subscription
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

WALL = Scope()
MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


def periods(subscription: Subscription) -> list[tuple[date, date, int]]:
    """Its billed days with what each cost, in the order of their invoices."""
    rows = Line.objects.filter(subscription_id=subscription.pk).order_by("invoice__number")
    return [(row.service_days.lower, row.service_days.upper, row.amount) for row in rows]


def many(count: int, plan: Plan | None = None) -> list[Subscription]:
    sold = plan or make_plan()
    return [make_subscription(plan=sold) for _ in range(count)]


def without_price(subscription: Subscription) -> None:
    """It can never be billed: its version has no price in its currency."""
    other = make_plan(prices={"EUR": 100}).versions.get()
    Subscription.objects.filter(pk=subscription.pk).update(plan_version=other)


def an_hour_passes() -> None:
    """What stopped may be tried again."""
    Subscription.objects.exclude(billing_error="").update(billing_retry_at=clock.wall())


def life(subscriptions: list[Subscription]) -> list[Any]:
    """What counts of them: days, amounts, states, in order."""
    return [
        (periods(each), *Subscription.objects.values_list(
            "status", "billed_to", "current_period_start", "current_period_end", "next_billing_at", "billing_error"
        ).get(pk=each.pk))
        for each in subscriptions
    ]  # fmt: skip


def bills(subscription: Subscription) -> list[tuple[str, str, int]]:
    """Its lines from the oldest to the newest: days and amount."""
    lines = Line.objects.filter(subscription_id=subscription.pk).order_by("invoice__number")
    return [(str(line.service_days.lower), str(line.service_days.upper), line.amount) for line in lines]


def refused(**fields: Any) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        make_subscription(**fields)
    assert refusal.value.hint
    return refusal.value
