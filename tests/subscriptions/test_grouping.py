"""One invoice a day for accounts that want it, whichever of their subscriptions a batch holds."""

from datetime import datetime
from typing import Any

import pytest

from apps.accounts.models import Account
from apps.invoices.models import Invoice
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.void import void
from apps.subscriptions.models import BilledPeriod, Subscription
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.subscriptions.lives import without_price

pytestmark = pytest.mark.django_db


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def company(*prices: int, **fields: Any) -> tuple[Account, list[Subscription]]:
    payer = make_account(invoice_grouping="account")
    made = [
        make_subscription(account=payer, plan=make_plan(prices={"USD": price}), at=noon("2026-04-01"), **fields)
        for price in prices
    ]
    return payer, made


@pytest.mark.fr("FR-032")
def test_what_falls_due_on_one_day_is_one_invoice() -> None:
    payer, made = company(1000, 2000, 0)
    late = make_subscription(account=payer, at=noon("2026-04-10"))
    before = Invoice.objects.count()
    # One id is enough: the others of the account come along.
    assert renew([made[0].pk], at=noon("2026-06-20"), actor=ACTOR).periods == 3
    assert Invoice.objects.count() == before + 1
    months = Invoice.objects.filter(subscription_id=None).get()
    assert (months.total, months.lines.count(), months.kind) == (3000, 2, "subscription")
    assert set(months.lines.values_list("subscription_id", flat=True)) == {made[0].pk, made[1].pk}
    assert renew([late.pk], at=noon("2026-06-20"), actor=ACTOR).periods == 1
    while renew([each.pk for each in (*made, late)], at=noon("2026-06-20"), actor=ACTOR).periods:
        pass
    # May and June of three, and 10 May and 10 June of the other.
    assert Invoice.objects.filter(account=payer).count() == before + 4
    assert broken() == []


def test_one_that_cannot_be_billed_leaves_the_others_together() -> None:
    _, made = company(1000, 2000, 3000)
    without_price(made[1])
    renewed = renew([each.pk for each in made], at=noon("2026-05-01"), actor=ACTOR)
    assert (renewed.periods, list(renewed.failures)) == (2, [made[1].pk])
    assert Invoice.objects.get(subscription_id=None).total == 4000


def test_a_coupon_s_use_is_on_the_account_s_invoice() -> None:
    payer = make_account(invoice_grouping="account")
    coupon = make_coupon(duration="repeating", duration_periods=2)
    for price in (1000, 2000):
        make_subscription(
            account=payer, plan=make_plan(prices={"USD": price}), at=noon("2026-04-01"), coupon=coupon.code
        )
    ids = list(Subscription.objects.values_list("pk", flat=True))
    renew(ids, at=noon("2026-05-01"), actor=ACTOR)
    assert Invoice.objects.get(subscription_id=None).total == 1500
    renew(ids, at=noon("2026-06-01"), actor=ACTOR)
    assert sorted(Invoice.objects.filter(subscription_id=None).values_list("total", flat=True)) == [1500, 3000]
    assert broken() == []


@pytest.mark.fr("FR-050")
def test_void_bills_every_subscription_s_days_again() -> None:
    _, made = company(1000, 2000)
    renew([made[0].pk], at=noon("2026-05-01"), actor=ACTOR)
    whole = Invoice.objects.get(subscription_id=None)
    # A change of that day is billed against the invoice of both, which stands.
    change(subscription_id=made[1].pk, quantity=2, at=noon("2026-05-01"), actor=ACTOR)
    proration = Invoice.objects.get(kind="proration")
    assert proration.total == 2000
    void(invoice_id=proration.pk, reason="a mistake", at=noon("2026-05-02"), actor=ACTOR)
    void(invoice_id=whole.pk, reason="wrong address", at=noon("2026-05-02"), actor=ACTOR)
    correction = Invoice.objects.get(kind="correction")
    assert (correction.total, correction.replaces_id, correction.lines.count()) == (3000, whole.pk, 2)
    assert BilledPeriod.objects.filter(released_by=None, days__startswith="2026-05-01").count() == 2
    assert broken() == []
