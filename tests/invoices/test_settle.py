"""Payments come off an invoice once, and what is too much is credit."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from apps.events.models import Event
from apps.invoices.actions.settle import Received, record_payment, record_payments
from apps.invoices.models import Invoice, Settlement
from apps.invoices.objects import invoice_objects
from apps.invoices.queries import balances
from apps.kernel.errors import DomainError
from apps.kernel.money import MAX_AMOUNT
from apps.ledger.models import Entry, Posting
from apps.rest.objects import builtins
from tests.factories.invoices import ACTOR, AT, invoice, payer

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=2, hours=11)


def pay(one: Invoice, amount: int, payment_id: UUID | None = None) -> int:
    return record_payment(
        invoice_id=one.pk, payment_id=payment_id or uuid4(), amount=amount, paid_at=LATER, actor=ACTOR
    )


def sums() -> dict[str, int]:
    totals: dict[str, int] = {}
    for name, amount in Posting.objects.values_list("ledger_account", "amount"):
        totals[name] = totals.get(name, 0) + amount
    return {name: amount for name, amount in totals.items() if amount}


@pytest.mark.fr("FR-052")
def test_paid_when_nothing_is_left():
    one = invoice(4900)
    assert pay(one, 1900) == 0
    one.refresh_from_db()
    assert (one.status, one.paid_at, balances([one.pk])[one.pk].balance) == ("OPEN", None, 3000)
    assert pay(one, 3000) == 0
    one.refresh_from_db()
    assert (one.status, one.paid_at, one.version) == ("PAID", LATER, 2)
    assert balances([one.pk])[one.pk].balance == 0
    assert sums() == {"gateway_clearing": 4900, "deferred_revenue": -4900}


def test_paid_is_announced_once_with_what_it_was_before():
    one = invoice(4900)
    pay(one, 1900)
    pay(one, 3000)
    [event] = Event.objects.filter(event_type="invoice.paid")
    one.refresh_from_db()
    assert event.data["object"] == builtins(invoice_objects([one])[0])
    assert event.data["previous_attributes"] == {
        "status": "OPEN", "paid_at": None, "balance": 3000, "amount_paid": 1900,
    }  # fmt: skip
    assert event.effective_at == LATER


def test_the_same_payment_again_changes_nothing():
    one, payment = invoice(4900), uuid4()
    assert [pay(one, 5000, payment) for _ in range(3)] == [100, 100, 100]
    assert Settlement.objects.count() == 1
    assert Entry.objects.filter(source_id=payment).count() == 2
    assert Event.objects.filter(event_type="invoice.paid").count() == 1


def test_what_is_too_much_is_credit_in_the_books():
    one = invoice(4900)
    assert pay(one, 5000) == 100
    assert balances([one.pk])[one.pk].balance == 0
    assert sums() == {"gateway_clearing": 5000, "deferred_revenue": -4900, "customer_credit": -100}


@pytest.mark.parametrize("status", ["VOID", "PAID"])
def test_an_invoice_that_owes_nothing_takes_nothing(status):
    one, payment = invoice(4900), uuid4()
    if status == "PAID":
        pay(one, 4900)
    else:
        Invoice.objects.filter(pk=one.pk).update(status="VOID", voided_at=AT)
    assert [pay(one, 700, payment), pay(one, 700, payment)] == [700, 700]
    one.refresh_from_db()
    assert one.status == status
    assert sums()["customer_credit"] == -700


def test_the_books_count_the_local_day():
    one = invoice(4900, account=payer(timezone="Pacific/Auckland"))
    pay(one, 4900)
    assert str(Entry.objects.get(kind="payment").on) == "2026-04-04"


@pytest.mark.parametrize(
    ("amount", "code"),
    [(0, "payment_not_positive"), (-5, "payment_not_positive"), (MAX_AMOUNT + 1, "amount_too_large")],
)
def test_amounts_that_pay_nothing(amount, code):
    with pytest.raises(DomainError) as refusal:
        pay(invoice(), amount)
    assert refusal.value.code == code


def test_a_draft_owes_nothing():
    one = Invoice.objects.create(account=payer(), kind="one_off", currency="USD", subtotal=5, total=5)
    with pytest.raises(DomainError) as refusal:
        pay(one, 5)
    assert refusal.value.code == "invoice_is_draft"


def test_an_unknown_invoice():
    with pytest.raises(DomainError) as refusal:
        record_payment(invoice_id=uuid4(), payment_id=uuid4(), amount=1, paid_at=AT, actor=ACTOR)
    assert refusal.value.code == "invoice_not_found"


def test_two_payments_of_one_invoice_recorded_together_pay_it_once() -> None:
    one, at = invoice(4900), AT + timedelta(days=1)
    both = [Received(invoice_id=one.pk, payment_id=uuid4(), amount=4900, paid_at=at) for _ in range(2)]
    excess = record_payments(both, actor=ACTOR)
    assert sorted(excess.values()) == [0, 4900]
    assert record_payments(both, actor=ACTOR) == excess
    assert Event.objects.filter(event_type="invoice.paid", object_id=one.pk).count() == 1
    one.refresh_from_db()
    assert (one.status, one.paid_at) == ("PAID", at)
    books = sums()
    assert (books["gateway_clearing"], books["customer_credit"], books.get("receivable", 0)) == (9800, -4900, 0)
