"""Charges through the real SDK: whatever the gateway does, one charge at most, and our books say what happened."""

from typing import Any

import pytest

from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.ledger.models import Posting
from apps.payments import stripe as gateway
from apps.payments.metrics import payments_attempted_total, stripe_requests_total
from apps.payments.models import Payment
from tests.factories.payments import due_now, owing, run_sweep
from tests.stripe_sandbox.conftest import Sandbox

CHARGE = "POST /v1/payment_intents"


def charges(sandbox: Sandbox, payment: Payment) -> list[Any]:
    return sandbox.charges(payment_id=str(payment.pk))


def told(*types: str) -> list[str]:
    return list(
        Event.objects.filter(event_type__in=types).order_by("created_at", "pk").values_list("event_type", flat=True)
    )


def assert_paid_once(sandbox: Sandbox, payment: Payment) -> None:
    payment.refresh_from_db()
    [charge] = charges(sandbox, payment)
    assert (payment.status, payment.last_error, payment.next_call_at, payment.lease_until) == (
        "SUCCEEDED",
        "",
        None,
        None,
    )
    assert charge["payment_intent"] == payment.gateway_transaction_id
    assert (charge["amount"], charge["currency"]) == (payment.amount, payment.currency.lower())
    assert Invoice.objects.get(pk=payment.invoice_id).status == "PAID"
    assert told("payment.succeeded", "payment.failed", "invoice.paid") == ["payment.succeeded", "invoice.paid"]
    assert Posting.objects.filter(ledger_account="gateway_clearing").count() == 1


@pytest.mark.fr("FR-057", "FR-058", "FR-059", "FR-066", "FR-068")
def test_a_charge_that_succeeds(books: str, sandbox: Sandbox, count: Any) -> None:
    before = count(payments_attempted_total, status="succeeded")
    _, payment = owing(4900)
    assert payment.status == "PENDING"
    assert run_sweep() == 1
    assert_paid_once(sandbox, payment)
    assert payment.version == 2
    assert payment.settled_at is not None
    assert count(payments_attempted_total, status="succeeded") == before + 1
    assert count(stripe_requests_total, operation="payment_intents.create", outcome="ok") >= 1
    assert run_sweep() == 0
    assert len(charges(sandbox, payment)) == 1


@pytest.mark.fr("FR-105")
@pytest.mark.parametrize(("currency", "amount"), [("EUR", 1999), ("JPY", 500)])
def test_charged_in_the_currency_of_the_account(books: str, sandbox: Sandbox, currency: str, amount: int) -> None:
    _, payment = owing(amount, currency=currency)
    run_sweep()
    assert payment.currency == currency
    assert_paid_once(sandbox, payment)


@pytest.mark.fr("FR-059", "FR-068")
@pytest.mark.parametrize(
    ("outcome", "code", "status"),
    [("insufficient_funds", "insufficient_funds", "declined"), ("expired_card", "expired_card", "declined")],
)
def test_a_decline_keeps_code_and_message(
    books: str, sandbox: Sandbox, count: Any, outcome: str, code: str, status: str
) -> None:
    before = count(payments_attempted_total, status=status)
    _, payment = owing()
    body = {"payment_method": payment.payment_method.gateway_id, "outcome": outcome}
    assert sandbox.call("POST", "/_sandbox/payment_methods", body)[0] == 200
    assert run_sweep() == 1
    payment.refresh_from_db()
    assert (payment.status, payment.failure_code) == ("FAILED", code)
    assert payment.failure_message
    assert payment.gateway_transaction_id.startswith("pi_")
    assert Invoice.objects.get(pk=payment.invoice_id).status == "OPEN"
    assert told("payment.succeeded", "payment.failed", "invoice.payment_failed", "invoice.paid") == [
        "payment.failed",
        "invoice.payment_failed",
    ]
    said = Event.objects.get(event_type="payment.failed").data["object"]
    assert (said["failure_code"], said["failure_message"]) == (code, payment.failure_message)
    owed = Event.objects.get(event_type="invoice.payment_failed").data["object"]
    assert (owed["id"], owed["status"], owed["balance"]) == (str(payment.invoice_id), "OPEN", 4900)
    assert charges(sandbox, payment) == []
    assert count(payments_attempted_total, status=status) == before + 1
    due_now()
    assert run_sweep() == 0


def test_what_the_gateway_does_not_take_is_our_failure(books: str, sandbox: Sandbox, count: Any) -> None:
    before = count(payments_attempted_total, status="failed")
    _, payment = owing()
    sandbox.client().v1.payment_methods.detach(payment.payment_method.gateway_id)
    run_sweep()
    payment.refresh_from_db()
    assert payment.status == "FAILED"
    assert payment.failure_code
    assert payment.failure_message
    assert count(payments_attempted_total, status="failed") == before + 1


FAULTS = {
    "429": {"kind": "rate_limit"},
    "500 before": {"kind": "error_before"},
    "500 after": {"kind": "error_after"},
    "500 after, for good": {"kind": "error_after", "sticky": True},
    "time-out before": {"kind": "timeout_before", "seconds": 1.5},
    "time-out after": {"kind": "timeout_after", "seconds": 1.5},
    "closed before": {"kind": "timeout_before", "seconds": 0},
    "closed after": {"kind": "timeout_after", "seconds": 0},
    "slow": {"kind": "slow", "seconds": 1.6},
}


@pytest.mark.fr("FR-062")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_no_answer_and_then_one_charge(books: str, sandbox: Sandbox, fault: dict[str, Any]) -> None:
    _, payment = owing()
    sandbox.fault(operation=CHARGE, count=1, **fault)
    assert run_sweep() == 0
    payment.refresh_from_db()
    assert payment.status == "PENDING"
    assert payment.last_error
    assert payment.lease_until is None
    assert payment.next_call_at > payment.created_at
    due_now()
    if fault["kind"] == "slow":  # the first call is still at work there, under our key
        while run_sweep() == 0:
            due_now()
    else:
        assert run_sweep() == 1
    assert_paid_once(sandbox, payment)


@pytest.mark.fr("FR-062")
def test_the_gateway_is_down(books: str, sandbox: Sandbox, settings: Any) -> None:
    payments = [owing()[1] for _ in range(5)]
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"
    gateway.connect.cache_clear()
    assert run_sweep() == 0
    asked = sorted(Payment.objects.values_list("calls", flat=True))
    assert asked == [0, 0, 1, 1, 1], "a silent gateway is left alone until the next doorbell"
    settings.STRIPE_API_BASE = sandbox.url
    gateway.connect.cache_clear()
    due_now()
    assert run_sweep() == 5
    for payment in payments:
        assert len(charges(sandbox, payment)) == 1
    assert set(Invoice.objects.values_list("status", flat=True)) == {"PAID"}


@pytest.mark.fr("FR-062")
def test_a_key_that_the_gateway_has_forgotten_is_no_second_charge(books: str, sandbox: Sandbox) -> None:
    """A day later the key says nothing any more: the charge is found by the payment's id instead."""
    _, payment = owing()
    customer, card = payment.account.gateway_customer.gateway_id, payment.payment_method.gateway_id
    sandbox.client().v1.payment_intents.create(
        {
            "amount": 4900, "currency": "usd", "customer": customer, "payment_method": card, "confirm": True,
            "off_session": True, "metadata": {"payment_id": str(payment.pk)},
        }
    )  # fmt: skip
    due_now(calls=1)
    assert run_sweep() == 1
    assert_paid_once(sandbox, payment)


@pytest.mark.fr("FR-062")
def test_a_look_up_without_an_answer_is_no_leave_to_charge(books: str, sandbox: Sandbox) -> None:
    _, payment = owing()
    sandbox.fault(kind="error_before", operation="GET /v1/payment_intents", count=1)
    due_now(calls=1)
    assert run_sweep() == 0
    payment.refresh_from_db()
    assert (payment.status, charges(sandbox, payment)) == ("PENDING", [])
    due_now()
    assert run_sweep() == 1
    assert_paid_once(sandbox, payment)
