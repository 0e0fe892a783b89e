"""Coupons on subscriptions, through the engine; and the last redemption."""

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from apps.coupons import actions, queries
from apps.coupons.models import Attachment, Coupon, CouponUse
from apps.invoices.models import Invoice, Line
from apps.kernel.errors import DomainError
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.void import void
from apps.subscriptions.models import BilledPeriod, Subscription
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription
from tests.factories.tax import registered

pytestmark = pytest.mark.fr("B-09")


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def with_coupon(coupon: Coupon, price: int = 4900, **fields: Any) -> Subscription:
    payer = fields.pop("account", None) or make_account()
    return make_subscription(
        account=payer, plan=make_plan(prices={payer.currency: price}), coupon=coupon.code, **fields
    )


def totals(made: Subscription) -> list[int]:
    rows = Invoice.objects.filter(subscription_id=made.pk).exclude(status="VOID").order_by("number")
    return list(rows.values_list("total", flat=True))


def months(made: Subscription, *days: str) -> None:
    for day in days:
        renew([made.pk], at=noon(day), actor=ACTOR)


@pytest.mark.django_db
@pytest.mark.fr("SC-009")
def test_half_once_and_a_change_in_the_middle() -> None:
    made = with_coupon(make_coupon())
    assert totals(made) == [2450]
    dearer = make_plan(prices={"USD": 9900})
    change(subscription_id=made.pk, plan_id=dearer.pk, at=noon("2026-04-15"), actor=ACTOR)
    lines = Line.objects.filter(invoice__kind="proration").order_by("position")
    assert [(line.amount, line.discount_amount) for line in lines] == [(-2613, -1306), (5280, 0)]
    assert totals(made) == [2450, 3973]
    months(made, "2026-05-01")
    assert totals(made)[2:] == [9900]
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"amount_off": 5000, "currency": "USD"}, [0, 1000, 3000]),
        ({"duration": "repeating", "duration_periods": 2}, [1500, 1500, 3000]),
        ({"duration": "repeating", "duration_periods": 2, "amount_off": 500, "currency": "USD"}, [2500, 2500, 3000]),
        ({"duration": "forever", "percent_off": Decimal("33.33")}, [2000, 2000, 2000]),
    ],
    ids=["an amount once", "half for two", "an amount for two", "a third for ever"],
)
def test_period_after_period(fields: dict[str, Any], expected: list[int]) -> None:
    made = with_coupon(make_coupon(**fields), 3000)
    months(made, "2026-05-01", "2026-06-01")
    assert totals(made) == expected
    assert broken() == []


@pytest.mark.django_db
def test_all_missed_periods_of_a_start_that_lies_back() -> None:
    made = with_coupon(make_coupon(duration="repeating", duration_periods=2), 3000, start_date=date(2026, 2, 1), at=AT)
    assert totals(made) == [1500, 1500, 3000]


@pytest.mark.django_db
def test_a_discount_of_everything_is_a_paid_invoice_of_nothing() -> None:
    made = with_coupon(make_coupon(percent_off=Decimal(100)))
    invoice = Invoice.objects.get(subscription_id=made.pk)
    assert (invoice.status, invoice.subtotal, invoice.discount, invoice.total) == ("PAID", 4900, 4900, 0)
    assert broken() == []


@pytest.mark.django_db
def test_before_tax_inside_the_price_too() -> None:
    registered("DE")
    payer = make_account(country="DE", currency="EUR")
    made = make_subscription(
        account=payer, plan=make_plan(prices={"EUR": 11900}, tax_behavior="inclusive"), coupon=make_coupon().code
    )
    invoice = Invoice.objects.get(subscription_id=made.pk)
    assert (invoice.subtotal - invoice.discount, invoice.tax, invoice.total) == (5000, 950, 5950)
    change(subscription_id=made.pk, quantity=2, at=noon("2026-04-16"), actor=ACTOR)
    credit = Line.objects.get(kind="proration_credit")
    assert credit.amount - credit.discount_amount + credit.tax_amount == -2975
    assert broken() == []


@pytest.mark.django_db
def test_a_void_invoice_gives_its_use_back() -> None:
    made = with_coupon(make_coupon())
    invoice = Invoice.objects.get(subscription_id=made.pk)
    void(invoice_id=invoice.pk, reason="wrong name", at=noon("2026-04-02"), actor=ACTOR)
    assert totals(made) == [2450]
    assert CouponUse.objects.filter(returned_at=None).count() == 1
    correction = Invoice.objects.get(kind="correction")
    void(invoice_id=correction.pk, reason="a gift", replace_it=False, at=noon("2026-04-03"), actor=ACTOR)
    assert BilledPeriod.objects.get(released_by=None).waived
    months(made, "2026-05-01", "2026-06-01")
    assert totals(made) == [2450, 4900]
    assert broken() == []


@pytest.mark.django_db
def test_made_again_on_its_first_day_it_is_discounted_again() -> None:
    made = with_coupon(make_coupon())
    change(subscription_id=made.pk, quantity=2, at=AT, actor=ACTOR)
    assert totals(made) == [4900]
    assert broken() == []


@pytest.mark.django_db
def test_refusals() -> None:
    make_coupon(code="LATE", redeem_by=AT - timedelta(days=1))
    make_coupon(code="EURO", amount_off=100, currency="EUR")
    make_coupon(code="OTHER", plan_ids=[make_plan().pk])
    last = make_coupon(code="LAST", max_redemptions=1)
    gone = make_coupon(code="GONE")
    actions.end(coupon_id=gone.pk, actor=ACTOR)
    with_coupon(last)
    for code, expected in (
        ("LATE", "coupon_expired"), ("EURO", "coupon_currency"), ("OTHER", "coupon_wrong_plan"),
        ("LAST", "coupon_used_up"), ("GONE", "coupon_unknown"), ("NEVER", "coupon_unknown"),
    ):  # fmt: skip
        with pytest.raises(DomainError) as refusal:
            make_subscription(coupon=code.lower())
        assert (refusal.value.code, bool(refusal.value.hint)) == (expected, True)
    assert Subscription.objects.count() == 1
    with pytest.raises(DomainError, match="There is a coupon"), transaction.atomic():
        make_coupon(code="last")


@pytest.mark.django_db
def test_the_limit_is_kept_by_the_database_too() -> None:
    make_coupon(max_redemptions=1)
    with pytest.raises(IntegrityError, match="coupons_coupon_redeemed"), transaction.atomic():
        Coupon.objects.update(redeemed=2)


@pytest.mark.django_db
def test_one_query_where_there_is_none_and_three_for_any_number(django_assert_num_queries: Any) -> None:
    coupon = make_coupon()
    made = [with_coupon(coupon).pk for _ in range(3)]
    with django_assert_num_queries(3):
        assert queries.attached(made) == {}
    forever = [with_coupon(make_coupon(duration="forever")).pk for _ in range(3)]
    alone = make_subscription().pk
    with django_assert_num_queries(1):
        assert queries.attached([alone]) == {}
    with django_assert_num_queries(3):
        assert queries.attached(forever).keys() == set(forever)


def test_two_at_the_last_redemption(committed_db: str) -> None:
    last = make_coupon(max_redemptions=1)
    plan = make_plan()
    payers = [make_account() for _ in range(4)]
    codes: list[str] = []

    def subscribe(index: int) -> None:
        try:
            make_subscription(account=payers[index], plan=plan, coupon=last.code)
            codes.append("made")
        except DomainError as refusal:
            codes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=subscribe, args=[index]) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["coupon_used_up"] * 3 + ["made"]
    assert (Attachment.objects.count(), Coupon.objects.get().redeemed) == (1, 1)
    assert Subscription.objects.count() == 1
