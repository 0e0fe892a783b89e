"""Payments that their customers are to confirm: a link, a time for it, and the schedule afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.clocks.actions import create
from apps.clocks.models import TestClock
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.schedule import Scope
from apps.payments import due
from apps.payments.actions import methods
from apps.payments.models import Payment, PaymentMethod
from tests.factories.invoices import invoice, payer
from tests.factories.payments import ACTOR, attach, due_now, opened, run_sweep
from tests.payments.signed import deliver, endpoint
from tests.stripe_sandbox.conftest import Sandbox

START = datetime(2026, 3, 1, 15, tzinfo=UTC)


@pytest.fixture
def waiting(books: str, sandbox: Sandbox) -> Callable[[], Payment]:
    """A payment whose card wants its owner's word, asked for."""

    def make() -> Payment:
        life = create(name="life", frozen_time=START, actor=ACTOR)
        account = payer(test_clock_id=life.pk, timezone="UTC")
        card = attach(account)
        customer = account.gateway_customer.gateway_id
        strict = sandbox.client().v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer})
        PaymentMethod.objects.filter(pk=card.pk).update(gateway_id=strict.id)
        payment = opened(invoice(4900, account=account))
        run_sweep()
        payment.refresh_from_db()
        return payment

    return make


def told(*types: str) -> list[str]:
    rows = Event.objects.filter(event_type__in=types).order_by("created_at", "pk")
    return list(rows.values_list("event_type", flat=True))


def scope(payment: Payment) -> Scope:
    return Scope(payment.account.test_clock_id)


def confirm(sandbox: Sandbox, payment: Payment, outcome: str) -> None:
    body = {"intent": payment.gateway_transaction_id, "outcome": outcome}
    assert sandbox.call("POST", "/_sandbox/authenticate", body)[0] == 200


def test_the_customer_gets_a_link_and_the_payment_waits(waiting: Callable[[], Payment], sandbox: Sandbox) -> None:
    payment = waiting()
    assert (payment.status, payment.action_until) == ("PENDING", START + timedelta(days=1))
    assert payment.action_url == f"{sandbox.url}/_sandbox/authenticate?intent={payment.gateway_transaction_id}"
    event = Event.objects.get(event_type="payment.requires_action")
    assert event.data["object"]["action_url"] == payment.action_url
    assert due.pending(scope(payment)) == 0, "a test clock does not wait for a customer"
    due_now()
    run_sweep()
    assert told("payment.requires_action", "payment.failed") == ["payment.requires_action"], "said once"


def test_confirmed_the_payment_succeeds(
    waiting: Callable[[], Payment], sandbox: Sandbox, client: Any, settings: Any
) -> None:
    payment = waiting()
    endpoint(settings)
    confirm(sandbox, payment, "success")
    assert deliver(client, "payment_intent.succeeded", str(payment.gateway_transaction_id)).status_code == 200
    run_sweep()
    payment.refresh_from_db()
    assert (payment.status, payment.action_url, payment.action_until) == ("SUCCEEDED", "", None)
    assert Invoice.objects.get(pk=payment.invoice_id).status == "PAID"
    assert len(sandbox.charges(payment_id=str(payment.pk))) == 1


@pytest.mark.fr("FR-060")
def test_refused_by_its_customer_it_goes_into_the_schedule(waiting: Callable[[], Payment], sandbox: Sandbox) -> None:
    payment = waiting()
    confirm(sandbox, payment, "failure")
    due_now()  # no webhook: the look at what waits finds it
    run_sweep()
    payment.refresh_from_db()
    assert (payment.status, payment.failure_code) == ("FAILED", "payment_intent_authentication_failure")
    assert payment.next_retry_at == datetime(2026, 3, 4, 10, tzinfo=UTC)


@pytest.mark.fr("FR-060")
@pytest.mark.parametrize("late", [False, True], ids=["nobody came", "confirmed at the last moment"])
def test_time_out(waiting: Callable[[], Payment], sandbox: Sandbox, late: bool) -> None:
    payment = waiting()
    end = START + timedelta(days=1)
    assert due.earliest_unconfirmed(end - timedelta(seconds=1), scope(payment)) is None
    assert due.earliest_unconfirmed(end, scope(payment)) == end
    TestClock.objects.filter(pk=payment.account.test_clock_id).update(frozen_time=end)
    if late:
        confirm(sandbox, payment, "success")
    assert due.give_up_unconfirmed(end, scope(payment)) == 1
    assert due.pending(scope(payment)) == 1
    run_sweep()
    payment.refresh_from_db()
    if late:
        assert payment.status == "SUCCEEDED"
        return
    assert (payment.status, payment.failure_code) == ("FAILED", "authentication_required")
    assert payment.next_retry_at == datetime(2026, 3, 5, 10, tzinfo=UTC)
    intent = sandbox.client().v1.payment_intents.retrieve(str(payment.gateway_transaction_id))
    assert intent.status == "canceled", "the link is dead: nobody pays an attempt that has ended"
    assert due.earliest_unconfirmed(end + timedelta(days=1), scope(payment)) is None


@pytest.mark.fr("FR-060")
def test_another_card_ends_the_wait(waiting: Callable[[], Payment], sandbox: Sandbox) -> None:
    payment = waiting()
    methods.add(account_id=payment.account_id, token="pm_card_mastercard", set_as_default=True, at=START, actor=ACTOR)
    run_sweep()
    payment.refresh_from_db()
    assert (payment.status, payment.next_retry_at) == ("FAILED", START)
    assert due.run(START, scope(payment)) == 1
    run_sweep()
    assert Invoice.objects.get(pk=payment.invoice_id).status == "PAID"
    assert len(sandbox.charges(invoice_id=str(payment.invoice_id))) == 1


@pytest.mark.fr("FR-062")
def test_killed_after_the_bank_asked_and_before_the_link(
    waiting: Callable[[], Payment], sandbox: Sandbox, client: Any, settings: Any
) -> None:
    """The webhook of the declined attempt comes first: the payment stays the worker's, which asks the customer."""
    sandbox.fault(kind="timeout_after", operation="POST /v1/payment_intents/*/confirm", count=1, seconds=0)
    payment = waiting()
    assert (payment.status, payment.action_url, payment.gateway_transaction_id) == ("PENDING", "", None)
    endpoint(settings)
    [intent] = sandbox.client().v1.payment_intents.list(
        {"customer": payment.account.gateway_customer.gateway_id}
    ).data  # fmt: skip
    assert deliver(client, "payment_intent.payment_failed", intent.id).status_code == 200
    run_sweep()
    payment.refresh_from_db()
    assert payment.status == "PENDING"
    due_now()
    run_sweep()
    payment.refresh_from_db()
    assert payment.action_url
    assert payment.gateway_transaction_id == intent.id


def test_a_debit_is_looked_at_until_its_bank_answers(books: str, sandbox: Sandbox) -> None:
    account = payer(currency="EUR")
    attach(account)
    customer = account.gateway_customer.gateway_id
    params: Any = {
        "customer": customer, "payment_method": "pm_success_de", "payment_method_types": ["sepa_debit"],
        "confirm": True, "mandate_data": {"customer_acceptance": {"type": "offline"}},
    }  # fmt: skip
    debit = attach(account, sandbox.client().v1.setup_intents.create(params).id, set_as_default=True)
    assert (debit.type, debit.card_last4) == ("sepa_debit", "3000")
    payment = opened(invoice(4900, account=account))
    run_sweep(1)
    payment.refresh_from_db()
    assert (payment.status, payment.method) == ("PENDING", "sepa_debit")
    assert str(payment.gateway_transaction_id).startswith("pi_")
    assert payment.next_call_at > clock.wall()
    assert due.pending(Scope()) == 1
    sandbox.call("POST", "/_sandbox/bank", {"id": payment.gateway_transaction_id})
    due_now()
    run_sweep()
    payment.refresh_from_db()
    assert payment.status == "SUCCEEDED"
    assert Invoice.objects.get(pk=payment.invoice_id).status == "PAID"
