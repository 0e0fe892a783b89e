"""Money that came past the gateway, written down by finance staff."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.credits.models import Grant
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.kernel.schedule import Scope
from apps.ledger.models import Posting
from apps.monitoring.invariants import broken
from apps.payments.actions.refund import refund
from apps.payments.actions.retry import retry_due
from apps.payments.models import Payment
from tests.factories.invoices import ACTOR, AT, draft, issued, line, payer
from tests.factories.payments import known_method

pytestmark = pytest.mark.django_db
RECEIVED = "2026-04-01T11:00:00Z"


def bank() -> int:
    return sum(Posting.objects.filter(ledger_account="bank").values_list("amount", flat=True))


def left(*invoices: Invoice) -> list[int]:
    found = balances([each.pk for each in invoices])
    return [found[each.pk].balance for each in invoices]


def body(account: Any, amount: int, **more: Any) -> dict[str, Any]:
    given = {"account_id": str(account.pk), "amount": amount, "currency": "USD", "reference": "Ada, thanks"}
    return {**given, "received_at": RECEIVED, **more}


@pytest.mark.fr("FR-070")
def test_a_part_and_then_the_rest(api: Any) -> None:
    account = payer()
    [one] = issued([draft(account, line(4900))])
    first = api("post", "/payments", body(account, 1900, invoice_id=str(one.pk)))
    assert first.status_code == 201, first.content
    shown = first.json()
    assert (shown["status"], shown["method"], shown["reference"]) == ("SUCCEEDED", "bank_transfer", "Ada, thanks")
    assert (left(one), Invoice.objects.get().status) == ([3000], "OPEN")
    api("post", "/payments", body(account, 3000, invoice_id=str(one.pk), method="check"))
    assert (left(one), Invoice.objects.get().status, bank()) == ([0], "PAID", 4900)
    assert Event.objects.filter(event_type="payment.succeeded").count() == 2
    assert broken() == []


@pytest.mark.fr("FR-067", "FR-070")
def test_without_an_invoice_the_oldest_due_is_paid_first_and_the_rest_is_credit(api: Any) -> None:
    account = payer(net_terms_days=30)
    [late] = issued([draft(account, line(1000))], at=AT + timedelta(days=3))
    [early] = issued([draft(account, line(2000))], at=AT)
    part = api("post", "/payments", body(account, 2300)).json()
    assert [(each["invoice_id"], each["amount"]) for each in part["payments"]] == [
        (str(early.pk), 2000), (str(late.pk), 300),
    ]  # fmt: skip
    assert left(early, late) == [0, 700]
    much = api("post", "/payments", body(account, 1000)).json()
    assert [each["amount"] for each in much["payments"]] == [1000]
    assert (left(late), Grant.objects.get().amount) == ([0], 300)
    api("post", "/payments", body(account, 500))
    assert sorted(Grant.objects.values_list("amount", flat=True)) == [300, 500]
    assert (bank(), broken()) == (3800, [])


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"amount": 0}, "/amount"),
        ({"currency": "EUR"}, "/currency"),
        ({"received_at": "2999-01-01T00:00:00Z"}, "/received_at"),
        ({"invoice_id": "01980000-0000-7000-8000-000000000001"}, "/invoice_id"),
        ({"account_id": "01980000-0000-7000-8000-000000000001"}, "/account_id"),
        ({"method": "card"}, "/method"),
        ({"reference": ""}, "/reference"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_what_is_wrong_is_named(api: Any, wrong: dict[str, Any], pointer: str) -> None:
    account = payer()
    issued([draft(account, line(4900))])
    answer = api("post", "/payments", {**body(account, 100), **wrong})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert not Payment.objects.exists()


def test_an_account_without_invoices_is_told_to_take_credit(api: Any) -> None:
    answer = api("post", "/payments", body(payer(), 100))
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_billed")


@pytest.mark.fr("FR-060")
def test_it_ends_the_retries_of_its_invoice(api: Any) -> None:
    account = payer()
    known_method(account)
    [one] = issued([draft(account, line(4900))])
    soon = datetime(2026, 4, 4, 10, tzinfo=UTC)
    Payment.objects.update(status="FAILED", settled_at=AT, next_retry_at=soon, next_call_at=None)
    assert api("post", "/payments", body(account, 4900)).json()["attempt"] == 2
    retry_due(at=soon, scope=Scope(), actor=ACTOR)
    assert not Payment.objects.filter(status="PENDING").exists()
    assert not Payment.objects.filter(next_retry_at__isnull=False).exists()
    assert Invoice.objects.get(pk=one.pk).status == "PAID"


@pytest.mark.fr("FR-063")
def test_it_goes_back_by_bank(api: Any) -> None:
    account = payer()
    issued([draft(account, line(4900))])
    made = api("post", "/payments", body(account, 4900)).json()
    row = refund(payment_id=made["id"], amount=900, reason="late", at=AT, actor=ACTOR)
    assert (row.status, row.next_call_at, bank(), broken()) == ("SUCCEEDED", None, 4000, [])
