"""Refunds: never more than was paid, once at the gateway, with their credit note and their books."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from apps.credits.models import Grant
from apps.events.models import Event
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.models import CreditNote, Invoice
from apps.kernel import clock
from apps.kernel.errors import Conflict, Invalid, NotFound
from apps.ledger.models import Entry
from apps.payments.actions.refund import refund
from apps.payments.actions.refundable import left_to_refund
from apps.payments.models import Payment, Refund
from apps.subscriptions.actions.void import void
from tests.factories.invoices import draft, issued, line, payer
from tests.factories.payments import ACTOR, AT, attach, opened, run_sweep
from tests.factories.returns import at_gateway, clearing, paid, standing, told
from tests.factories.tax import registered
from tests.payments.signed import deliver, endpoint
from tests.stripe_sandbox.conftest import Sandbox

REFUND = "POST /v1/refunds"


def ask(payment: Payment, amount: int | None = None) -> Refund:
    return refund(payment_id=payment.pk, amount=amount, reason="as agreed", at=AT, actor=ACTOR)


def again() -> None:
    """Let every back-off pass."""
    Refund.objects.filter(status="PENDING").update(next_call_at=clock.wall())


@pytest.mark.fr("FR-063")
def test_a_part_and_then_the_rest(books: str, sandbox: Sandbox) -> None:
    payment = paid(5000)
    first = ask(payment, 2000)
    assert (first.status, first.gateway_refund_id, first.currency) == ("PENDING", None, "USD")
    assert run_sweep() == 1
    first.refresh_from_db()
    assert (first.status, first.calls) == ("SUCCEEDED", 1)
    assert str(first.gateway_refund_id).startswith("re_")
    assert CreditNote.objects.get(pk=first.credit_note_id).total == 2000
    assert standing(payment) == ("PAID", 0)
    assert (left_to_refund(payment), clearing()) == (3000, 3000)
    rest = ask(payment)
    run_sweep()
    rest.refresh_from_db()
    payment.refresh_from_db()
    assert (rest.amount, payment.amount_refunded) == (3000, 5000)
    assert clearing() == at_gateway(sandbox.client(), payment) == 0
    assert Entry.objects.filter(kind="refund").count() == 2
    said = [event.data for event in Event.objects.filter(event_type="payment.refunded").order_by("created_at", "pk")]
    assert [each["object"]["amount_refunded"] for each in said] == [2000, 5000]
    assert said[1]["previous_attributes"] == {"amount_refunded": 2000}
    with pytest.raises(Conflict) as refused:
        ask(payment, 1)
    assert refused.value.code == "nothing_to_refund"


@pytest.mark.fr("FR-063")
def test_tax_goes_back_with_its_part(books: str, sandbox: Sandbox) -> None:
    """11900 (10000 + 1900) paid, refund 2380: note 2000 + 380, balance 0, PAID."""
    registered("DE")
    payment = paid(10000, country="DE", currency="EUR")
    assert payment.amount == 11900
    ask(payment, 2380)
    note = CreditNote.objects.get()
    assert (note.subtotal, note.tax, note.settled, note.credited) == (2000, 380, 2380, 0)
    assert standing(payment) == ("PAID", 0)


@pytest.mark.fr("FR-063")
def test_what_is_refused(books: str, sandbox: Sandbox) -> None:
    payment = paid(5000)
    with pytest.raises(Invalid) as large:
        ask(payment, 5001)
    assert (large.value.code, large.value.errors[0].pointer) == ("refund_too_large", "/amount")
    credit_note(invoice_id=payment.invoice_id, amount=4000, reason="as credit", at=AT, actor=ACTOR)
    with pytest.raises(Invalid):
        ask(payment, 1001)
    assert ask(payment).amount == 1000, "what is credited is not given back as well"
    with pytest.raises(NotFound):
        refund(payment_id=payment.account_id, reason="x", at=AT, actor=ACTOR)
    account = payer()
    attach(account)
    [one] = issued([draft(account)])
    with pytest.raises(Conflict) as pending:
        ask(opened(one))
    assert pending.value.code == "payment_not_refundable"
    run_sweep()


@pytest.mark.fr("FR-063")
def test_the_database_keeps_what_goes_back_within_what_came(books: str, sandbox: Sandbox) -> None:
    payment = paid(5000)
    for wrong in (
        {"amount_refunded": 5001}, {"amount_refunded": 3000, "amount_charged_back": 2001}, {"amount_charged_back": -1},
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match="payments_returns_within_amount"), transaction.atomic():
            Payment.objects.filter(pk=payment.pk).update(**wrong)


@pytest.mark.fr("FR-062", "FR-063")
@pytest.mark.parametrize(
    "fault",
    [{"kind": "timeout_before"}, {"kind": "timeout_after"}, {"kind": "error_after", "sticky": True},
     {"kind": "rate_limit"}],
    ids=lambda fault: fault["kind"],
)  # fmt: skip
def test_no_answer_and_then_one_refund(books: str, sandbox: Sandbox, fault: dict[str, Any]) -> None:
    payment = paid(5000)
    row = ask(payment, 2000)
    sandbox.fault(operation=REFUND, count=1, seconds=0, **fault)
    assert run_sweep() == 0
    row.refresh_from_db()
    assert (row.status, row.lease_until) == ("PENDING", None)
    again()
    assert run_sweep() == 1
    row.refresh_from_db()
    assert row.status == "SUCCEEDED"
    made = sandbox.client().v1.refunds.list({"payment_intent": payment.gateway_transaction_id}).data
    assert [(each.amount, each.metadata["refund_id"]) for each in made] == [(2000, str(row.pk))]
    assert told("payment.refunded") == ["payment.refunded"]


@pytest.mark.fr("FR-063")
def test_people_side_by_side_give_back_once(books: str, sandbox: Sandbox) -> None:
    payment = paid(5000)
    gate, refused = threading.Barrier(3), []

    def person() -> None:
        gate.wait()
        try:
            ask(payment, 3000)
        except Invalid as error:
            refused.append(error.code)
        connections.close_all()

    threads = [threading.Thread(target=person) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_sweep()
    assert refused == ["refund_too_large"] * 2
    assert at_gateway(sandbox.client(), payment) == 2000


@pytest.mark.fr("FR-063")
def test_a_refund_that_comes_back_is_the_customers_credit(
    books: str, sandbox: Sandbox, client: Any, settings: Any
) -> None:
    payment = paid(5000, "pm_card_refundFail")
    row = ask(payment, 2000)
    run_sweep()
    row.refresh_from_db()
    assert row.status == "SUCCEEDED"
    sandbox.call("POST", "/_sandbox/bank", {"id": row.gateway_refund_id})
    endpoint(settings)
    for _ in range(2):
        assert deliver(client, "refund.failed", str(row.gateway_refund_id)).status_code == 200
    run_sweep()
    row.refresh_from_db()
    payment.refresh_from_db()
    assert (row.status, row.failure_code, payment.amount_refunded) == ("FAILED", "unknown", 0)
    assert Grant.objects.get().amount == 2000
    assert (clearing(), at_gateway(sandbox.client(), payment)) == (5000, 5000)
    assert told("payment.refund_failed") == ["payment.refund_failed"]
    assert left_to_refund(payment) == 3000, "what is credit now is not given back again"


def test_a_refund_that_takes_its_time(books: str, sandbox: Sandbox) -> None:
    payment = paid(5000, "pm_card_pendingRefund")
    row = ask(payment, 2000)
    run_sweep(1)
    row.refresh_from_db()
    assert row.gateway_refund_id
    sandbox.call("POST", "/_sandbox/bank", {"id": row.gateway_refund_id})
    again()
    run_sweep()
    row.refresh_from_db()
    assert row.status == "SUCCEEDED"
    assert told("payment.refunded") == ["payment.refunded"]


@pytest.mark.fr("FR-061", "FR-063")
def test_a_refund_made_at_the_gateway_is_taken_over(books: str, sandbox: Sandbox, client: Any, settings: Any) -> None:
    payment = paid(5000)
    made = sandbox.client().v1.refunds.create({"payment_intent": str(payment.gateway_transaction_id), "amount": 1500})
    endpoint(settings)
    for kind in ("refund.created", "refund.updated", "refund.created"):
        assert deliver(client, kind, made.id).status_code == 200
    run_sweep()
    row = Refund.objects.get()
    assert (row.status, row.amount, row.gateway_refund_id) == ("SUCCEEDED", 1500, made.id)
    payment.refresh_from_db()
    assert (payment.amount_refunded, standing(payment), clearing()) == (1500, ("PAID", 0), 3500)


@pytest.mark.fr("FR-063")
def test_void_with_a_refund(books: str, sandbox: Sandbox) -> None:
    payment = paid(5000)
    done = void(
        invoice_id=payment.invoice_id, reason="wrong customer", replace_it=False, payment="refund", at=AT, actor=ACTOR
    )
    assert done.invoice.status == "VOID"
    row = Refund.objects.get()
    assert (row.amount, row.status, row.credit_note_id, row.reason) == (5000, "PENDING", None, "wrong customer")
    assert Grant.objects.count() == 0
    run_sweep()
    row.refresh_from_db()
    assert row.status == "SUCCEEDED"
    assert clearing() == at_gateway(sandbox.client(), payment) == 0
    with pytest.raises(Conflict):
        ask(payment)


def test_void_with_credit_leaves_nothing_to_refund(books: str, sandbox: Sandbox) -> None:
    payment = paid(5000)
    void(invoice_id=payment.invoice_id, reason="x", replace_it=False, at=AT, actor=ACTOR)
    assert Grant.objects.get().amount == 5000
    with pytest.raises(Conflict) as refused:
        ask(payment)
    assert refused.value.code == "nothing_to_refund"
    assert Invoice.objects.get().status == "VOID"


@pytest.mark.fr("FR-063")
def test_over_the_api(books: str, sandbox: Sandbox, api: Any) -> None:
    account = payer()
    attach(account)
    [one] = issued([draft(account, line(4900))])
    run_sweep()
    payment = opened(one)
    path = f"/payments/{payment.pk}/refunds"
    assert api("post", path, {"amount": 100}).status_code == 422, "why?"
    assert api("post", path, {"amount": 0, "reason": "x"}).status_code == 422
    assert api("post", path, {"amount": 4901, "reason": "x"}).json()["code"] == "refund_too_large"
    made = api("post", path, {"amount": 900, "reason": "x"}, Idempotency_Key="r1")
    again = api("post", path, {"amount": 900, "reason": "x"}, Idempotency_Key="r1")
    assert (made.status_code, made.json()["status"], made.json()["amount"]) == (201, "PENDING", 900)
    assert again.json() == made.json()
    run_sweep()
    shown = api("get", made.json()["url"].removeprefix("/v1")).json()
    assert (shown["status"], shown["credit_note_id"] is None) == ("SUCCEEDED", False)
    assert [each["id"] for each in api("get", f"/refunds?payment_id={payment.pk}").json()["data"]] == [shown["id"]]
    assert api("get", f"/payments/{payment.pk}").json()["amount_refunded"] == 900
    assert api("post", f"/payments/{account.pk}/refunds", {"reason": "x"}).status_code == 404
