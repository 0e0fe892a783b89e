"""Credit notes and write-offs, through their actions and over the API."""

import threading
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from apps.credits import queries as credits
from apps.events.models import Event
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.actions.settle import record_payment
from apps.invoices.actions.write_off import reverse_write_off, write_off
from apps.invoices.models import CreditNote, Invoice, Line, NumberSeries, WriteOff
from apps.invoices.queries import balances
from apps.kernel.errors import DomainError
from apps.kernel.ids import uuid7
from apps.ledger.rules import LedgerAccount
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.cancel import cancel
from tests.accounts.calls import Api, faults
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription
from tests.factories.tax import registered


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def invoiced(price: int = 10000, **fields: Any) -> Invoice:
    """A month at 19 % tax."""
    registered("DE")
    payer = make_account(country="DE", currency="EUR")
    made = make_subscription(account=payer, plan=make_plan(prices={"EUR": price}, **fields))
    return Invoice.objects.get(subscription_id=made.pk)


def pay(invoice: Invoice) -> None:
    amount = balances([invoice.pk])[invoice.pk].balance
    record_payment(
        invoice_id=invoice.pk, payment_id=uuid7(), amount=amount, paid_at=AT, actor=ACTOR, into=LedgerAccount.BANK
    )


def left(invoice: Invoice) -> int:
    return balances([invoice.pk])[invoice.pk].balance


@pytest.mark.django_db
@pytest.mark.fr("B-09", "FR-052")
def test_of_an_open_invoice_it_reduces_what_is_open() -> None:
    invoice = invoiced()
    note = credit_note(invoice_id=invoice.pk, amount=2380, reason="a day without service", at=AT, actor=ACTOR)
    assert (note.number, note.subtotal, note.tax, note.total, note.settled, note.credited) == (
        "CN-2026-000001", 2000, 380, 2380, 2380, 0,
    )  # fmt: skip
    assert (left(invoice), invoice.total) == (11900 - 2380, 11900)
    event = Event.objects.get(event_type="credit_note.created")
    assert (event.data["object"]["lines"][0]["amount"], event.account_id) == (2000, invoice.account_id)
    rest = credit_note(invoice_id=invoice.pk, amount=9520, reason="all of it", at=AT, actor=ACTOR)
    invoice.refresh_from_db()
    assert (rest.number, invoice.status, left(invoice)) == ("CN-2026-000002", "PAID", 0)
    assert NumberSeries.objects.get(series="CN-2026").last == 2
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("B-09")
def test_of_a_paid_invoice_it_is_the_account_s_credit() -> None:
    invoice = invoiced()
    pay(invoice)
    line = Line.objects.get(invoice=invoice)
    note = credit_note(invoice_id=invoice.pk, lines={line.pk: 333}, reason="x", at=AT, actor=ACTOR)
    assert (note.settled, note.credited, note.tax) == (0, 396, 63)
    assert credits.balances([invoice.account_id]) == {invoice.account_id: 396}
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("SC-009")
@pytest.mark.parametrize("behavior", ["exclusive", "inclusive"])
def test_unused_days_are_never_credited_beyond_what_a_note_left(behavior: str) -> None:
    invoice = invoiced(11900, tax_behavior=behavior)
    credit_note(invoice_id=invoice.pk, amount=invoice.total * 3 // 4, reason="mostly down", at=AT, actor=ACTOR)
    cancel(subscription_id=invoice.subscription_id, at=noon("2026-04-02"), actor=ACTOR)  # type: ignore[arg-type]
    credit = Line.objects.get(kind="proration_credit")
    paid_back = -(credit.amount - credit.discount_amount + credit.tax_amount)
    assert 0 < paid_back <= invoice.total - invoice.total * 3 // 4 + 1
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("B-24")
def test_a_debt_is_given_up_and_claimed_again() -> None:
    invoice = invoiced()
    given_up = write_off(invoice_id=invoice.pk, reason="bankrupt", at=AT, actor=ACTOR)
    assert (given_up.status, left(invoice)) == ("PAID", 0)
    assert broken() == []
    with pytest.raises(DomainError) as refusal:
        write_off(invoice_id=invoice.pk, reason="again", at=AT, actor=ACTOR)
    assert refusal.value.code == "invoice_not_open"
    again = reverse_write_off(invoice_id=invoice.pk, at=AT, actor=ACTOR)
    assert (again.status, left(invoice)) == ("OPEN", 11900)
    with pytest.raises(DomainError) as refusal:
        reverse_write_off(invoice_id=invoice.pk, at=AT, actor=ACTOR)
    assert refusal.value.code == "write_off_not_found"
    write_off(invoice_id=invoice.pk, reason="at last", at=AT, actor=ACTOR)
    assert WriteOff.objects.count() == 2
    assert broken() == []


@pytest.mark.django_db
def test_they_are_final() -> None:
    invoice = invoiced()
    credit_note(invoice_id=invoice.pk, amount=100, reason="x", at=AT, actor=ACTOR)
    for statement in (
        "UPDATE invoices_creditnote SET total = 1", "DELETE FROM invoices_creditnoteline",
        "TRUNCATE invoices_creditnote CASCADE", "UPDATE invoices_settlement SET amount = 1",
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    note = CreditNote.objects.get()
    note.pk, note.number, note.total = uuid7(), "CN-2026-000009", 7
    with pytest.raises(IntegrityError, match="invoices_note_"), transaction.atomic():
        note.save(force_insert=True)


@pytest.mark.django_db
@pytest.mark.fr("B-09", "B-24")
def test_over_the_api() -> None:
    api, invoice = Api(), invoiced()
    body = {"invoice_id": str(invoice.pk), "amount": 2380, "reason": "a day without service"}
    looked = api.post("/credit-notes", {**body, "preview": True})
    assert (looked.status_code, looked.json()["total"], CreditNote.objects.count()) == (200, 2380, 0)
    made = api.post("/credit-notes", body, Idempotency_Key="once")
    again = api.post("/credit-notes", body, Idempotency_Key="once")
    assert (made.status_code, again.json(), CreditNote.objects.count()) == (201, made.json(), 1)
    path = f"/credit-notes/{made.json()['id']}"
    assert api.get(path).json() == made.json()
    assert api.get(f"/credit-notes?invoice_id={invoice.pk}").json()["data"] == [made.json()]
    pdf = api.get(f"{path}/pdf")
    assert (pdf.status_code, pdf["Content-Type"], pdf.content[:5]) == (200, "application/pdf", b"%PDF-")
    voided = api.post(f"/invoices/{invoice.pk}/void", {"reason": "x"})
    assert (voided.status_code, "CN-2026-000001" in voided.json()["detail"]) == (409, True)
    off = f"/invoices/{invoice.pk}/write-off"
    assert api.post(off, {"reason": "bankrupt"}).json()["status"] == "PAID"
    assert api("delete", off).json()["status"] == "OPEN"


@pytest.mark.django_db
def test_refusals_over_the_api() -> None:
    api, invoice = Api(), invoiced()
    body = {"invoice_id": str(invoice.pk), "reason": "x"}
    line = str(Line.objects.get(invoice=invoice).pk)
    for more, expected in (
        ({}, ("/amount", "credit_note_empty")),
        ({"amount": 1, "lines": [{"line_id": line, "amount": 1}]}, ("/amount", "credit_note_empty")),
        ({"amount": 11901}, ("/amount", "credit_too_large")),
        ({"amount": 0}, ("/amount", "too_small")),
        ({"lines": [{"line_id": line, "amount": 10001}]}, ("/lines/0/amount", "credit_too_large")),
        ({"lines": [{"line_id": str(uuid4()), "amount": 1}]}, ("/lines/0/line_id", "line_unknown")),
        ({"lines": [{"line_id": line, "amount": 1}] * 2}, ("/lines/1/line_id", "line_repeated")),
        ({"invoice_id": str(uuid4()), "amount": 1}, ("/invoice_id", "invoice_unknown")),
    ):  # fmt: skip
        answer = api.post("/credit-notes", {**body, **more})
        assert (answer.status_code, faults(answer)) == (422, {expected}), answer.json()
    assert api.post("/credit-notes", "{").status_code == 400
    assert Api("finance_viewer").post("/credit-notes", {**body, "amount": 1}).status_code == 403
    assert Api("support_rep").post(f"/invoices/{invoice.pk}/write-off", {"reason": "x"}).status_code == 403
    assert Api(None).get("/credit-notes").status_code == 401
    assert not CreditNote.objects.exists()


def test_two_at_once_take_back_no_more_than_there_is(committed_db: str) -> None:
    invoice = invoiced()
    codes: list[str] = []

    def take() -> None:
        try:
            credit_note(invoice_id=invoice.pk, amount=11900, reason="x", at=AT, actor=ACTOR)
            codes.append("made")
        except DomainError as refusal:
            codes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["credit_too_large", "credit_too_large", "made"]
    assert broken() == []
