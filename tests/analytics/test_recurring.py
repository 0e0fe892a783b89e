"""Monthly recurring revenue of what is active, by currency, as the gauges say it."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from apps.analytics import readings
from apps.analytics.recurring import recurring
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.models import Subscription
from tests.factories.coupons import make_coupon
from tests.factories.invoices import payer
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription

pytestmark = [pytest.mark.django_db, pytest.mark.fr("FR-150")]


def sold(amount: int, quantity: int = 1, currency: str = "USD", coupon: str | None = None, **plan: Any) -> Subscription:
    account = payer(currency=currency)
    made = make_plan(prices={currency: amount}, **plan)
    more = {"coupon": coupon} if coupon else {}
    return make_subscription(account=account, plan=made, quantity=quantity, **more)


def monthly() -> dict[str, Fraction]:
    return {each.currency: each.monthly for each in recurring()}


def test_annual_and_monthly_prices_add_up_to_a_month() -> None:
    sold(99_900, 12, interval="year")
    sold(4_900, 3, interval="month")
    assert monthly() == {"USD": 114_600}
    assert list(readings.mrr()) == [(["USD"], 1146.0)]
    assert list(readings.revenue_per_customer()) == [(["USD"], 573.0)]


@pytest.mark.parametrize(
    ("interval", "count", "amount", "month"),
    [("month", 3, 300, 100), ("week", 1, 1200, 5200), ("day", 1, 1200, 36_500), ("year", 2, 2400, 100)],
)
def test_other_intervals(interval: str, count: int, amount: int, month: int) -> None:
    sold(amount, interval=interval, interval_count=count)
    assert monthly() == {"USD": month}


def test_currencies_are_not_mixed_and_each_has_its_own_digits() -> None:
    sold(5_000, currency="JPY")
    sold(5_000, currency="KWD")
    assert {labels[0]: value for labels, value in readings.mrr()} == {"JPY": 5000.0, "KWD": 5.0}


def test_what_does_not_pay_now_counts_nothing() -> None:
    sold(1_000, trial_days=14)
    cancel(subscription_id=sold(1_000).pk, at=AT, actor=ACTOR)
    assert monthly() == {"USD": 0}
    assert list(readings.revenue_per_customer()) == []


def test_discounts_that_recur_come_off_and_one_that_does_not_stays() -> None:
    sold(10_000, coupon=make_coupon(percent_off=Decimal(25), duration="forever").code)
    sold(10_000, coupon=make_coupon(percent_off=Decimal(100), duration="once").code)
    sold(10_000, coupon=make_coupon(amount_off=3_000, currency="USD", duration="forever", percent_off=None).code)
    free = make_coupon(percent_off=Decimal(100), duration="forever").code
    sold(10_000, coupon=free)
    sold(9_999, coupon=make_coupon(percent_off=Decimal("33.33"), duration="forever").code, interval="year")
    third = Fraction(9_999) * Fraction(6667, 10_000) / 12
    assert monthly() == {"USD": 7_500 + 10_000 + 7_000 + third}, "to the last fraction"
