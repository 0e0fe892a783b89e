"""Coupons on one-off invoices: before tax, shared over the lines, given back with the invoice, never taken twice."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from apps.coupons.models import Attachment, Coupon, CouponUse
from apps.invoices.actions.one_off import Sale, one_off
from apps.invoices.models import Invoice, Line
from apps.kernel.errors import DomainError
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.void import void
from tests.accounts.calls import Api, faults
from tests.explain.holding import unexplained
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT
from tests.factories.tax import registered

pytestmark = pytest.mark.fr("B-09")


def sell(code: str, *amounts: int, account: Any = None, **fields: Any) -> Invoice:
    sales = [Sale(description="Hours", unit_amount=Decimal(amount), **fields) for amount in amounts]
    return one_off(account_id=(account or make_account()).pk, sales=sales, coupon=code, at=AT, actor=ACTOR)


def off(invoice: Invoice) -> list[int]:
    return list(Line.objects.filter(invoice=invoice).order_by("position").values_list("discount_amount", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "amounts", "taken", "total"),
    [
        ({"percent_off": Decimal(50)}, [1001, 500], [501, 250], 750),
        ({"percent_off": Decimal(100)}, [1001, 500], [1001, 500], 0),
        ({"percent_off": Decimal("33.3333")}, [100, 100, 100], [34, 33, 33], 200),
        ({"amount_off": 600, "currency": "USD"}, [1000, 200], [500, 100], 600),
        ({"amount_off": 5000, "currency": "USD"}, [1000, 200], [1000, 200], 0),
        ({"percent_off": Decimal(50), "duration": "forever"}, [1000, -200], [500, 0], 300),
    ],
)
def test_what_comes_off(fields: dict[str, Any], amounts: list[int], taken: list[int], total: int) -> None:
    made = sell(make_coupon(**fields).code, *amounts)
    assert (off(made), made.total) == (taken, total)
    assert made.status == ("PAID" if total == 0 else "OPEN")
    assert CouponUse.objects.get().amount == sum(taken)
    assert (unexplained(), broken()) == ([], [])


@pytest.mark.django_db
@pytest.mark.parametrize("behavior", ["exclusive", "inclusive"])
def test_before_tax_and_again_on_the_correction(behavior: str) -> None:
    registered("DE")
    payer = make_account(country="DE", currency="EUR")
    coupon = make_coupon(amount_off=5000, currency="EUR")
    made = sell(coupon.code, 10000, 2001, account=payer, tax_behavior=behavior)
    gross = 12001 - 5000
    assert made.total == (gross if behavior == "inclusive" else gross + round(gross * Decimal("0.19")))
    voided = void(invoice_id=made.pk, reason="wrong name", at=AT, actor=ACTOR)
    again = Invoice.objects.get(pk=voided.replacement_id)
    assert (again.total, again.discount, off(again)) == (made.total, made.discount, off(made))
    assert CouponUse.objects.get(returned_at=None).invoice_id == again.pk
    assert Coupon.objects.get().redeemed == 1
    assert (unexplained(), broken()) == ([], [])


@pytest.mark.django_db
def test_void_without_another_gives_it_back() -> None:
    made = sell(make_coupon().code, 1000)
    void(invoice_id=made.pk, reason="not delivered", replace_it=False, at=AT, actor=ACTOR)
    assert not CouponUse.objects.filter(returned_at=None).exists()
    assert broken() == []


@pytest.mark.django_db
def test_over_the_api() -> None:
    api = Api()
    payer, coupon = make_account(), make_coupon(max_redemptions=1)
    body: dict[str, Any] = {
        "account_id": str(payer.pk), "lines": [{"description": "Set-up", "unit_amount": "900"}], "coupon": coupon.code,
    }  # fmt: skip
    seen = api.post("/invoices", {**body, "preview": True}).json()
    assert (seen["invoice"]["total"], Coupon.objects.get().redeemed, Attachment.objects.count()) == (450, 0, 0)
    made = api.post("/invoices", body, if_match=seen["hash"])
    assert (made.status_code, made.json()["total"], made.json()["discount"]) == (201, 450, 450)
    again = api.post("/invoices", body)
    assert (again.status_code, again.json()["code"]) == (409, "coupon_used_up")
    of_plan = make_coupon(plan_ids=[make_plan().pk])
    wrong = api.post("/invoices", {**body, "coupon": of_plan.code})
    assert (wrong.status_code, faults(wrong)) == (422, {("/coupon", "coupon_wrong_plan")})
    unknown = api.post("/invoices", {**body, "coupon": "NOBODY"})
    assert faults(unknown) == {("/coupon", "coupon_unknown")}
    foreign = make_coupon(amount_off=5, currency="JPY")
    assert faults(api.post("/invoices", {**body, "coupon": foreign.code})) == {("/coupon", "coupon_currency")}
    assert Invoice.objects.count() == 1


@pytest.mark.django_db
def test_one_on_no_subscription_is_ended() -> None:
    with pytest.raises(IntegrityError, match="coupons_attachment_of_a_sale"), transaction.atomic():
        Attachment.objects.create(coupon=make_coupon(), account=make_account(), subscription_id=None, at=AT)


def test_two_at_once_for_the_last_one(committed_db: str) -> None:
    coupon, told = make_coupon(max_redemptions=1), list[str]()
    payers = [make_account(), make_account()]
    together = threading.Barrier(2)

    def take(account: Any) -> None:
        together.wait(10)
        try:
            sell(coupon.code, 1000, account=account)
            told.append("sold")
        except DomainError as refusal:
            told.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=[payer]) for payer in payers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(told) == ["coupon_used_up", "sold"]
    assert (Invoice.objects.count(), CouponUse.objects.count()) == (1, 1)
