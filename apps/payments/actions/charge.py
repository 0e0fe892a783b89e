"""Collect a payment in three steps: take the row, call the gateway with no transaction open, record its answer.

A crash between the steps loses nothing: the lease runs out, the charge is looked for at the gateway, and only if there
is none the call is repeated, with the same key. The answer may also come by webhook, first or second
or twice; the row takes it once.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F

from apps.accounts import queries as accounts
from apps.clocks.queries import now_for
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.invoices.actions.settle import record_payment
from apps.invoices.links import invoice_link
from apps.invoices.objects import invoice_objects
from apps.invoices.queries import invoices_by_id
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.transactions import after_commit, unit_of_work
from apps.payments.actions import lease
from apps.payments.actions.retry import after_failure
from apps.payments.events import InvoicePaymentFailed, PaymentFailed, PaymentRequiresAction, PaymentSucceeded
from apps.payments.gateway import (
    ChargeRequest,
    ChargeResult,
    Gateway,
    GatewayRefused,
    GatewayUnavailable,
    Outcome,
    current,
)
from apps.payments.metrics import payments_attempted_total
from apps.payments.models import GatewayCustomer, Payment
from apps.payments.objects import payment_objects
from apps.payments.queries import lock_payment, to_charge
from apps.payments.rules import ACTION_TIME, CLOCKS_DIFFER, Status, patience

NOT_CONFIRMED = "authentication_required"
ENDED: Mapping[str, Any] = {"lease_token": None, "lease_until": None, "next_call_at": None, "last_error": ""}
"""Nothing is left to ask about a payment."""

METRIC: Mapping[Outcome, str] = {
    Outcome.SUCCEEDED: "succeeded",
    Outcome.DECLINED: "declined",
    Outcome.FAILED: "failed",
    Outcome.REQUIRES_ACTION: "requires_action",
}


def charge_next(*, actor: Actor) -> lease.Turn:
    """Charge the payment whose turn it is."""
    return lease.turn(to_charge(), lambda payment: _charge(payment, actor), actor=actor)


def _charge(payment: Payment, actor: Actor) -> None:
    """Call and record one payment that we hold."""
    gateway = current()
    try:
        result = _under_way(payment, gateway) if payment.gateway_transaction_id else _asked(payment, gateway)
    except GatewayRefused as error:
        result = ChargeResult(outcome=Outcome.FAILED, gateway_id="", code=error.code, message=error.message)
    if result.outcome is Outcome.PROCESSING or result.action_url:
        wait(payment_id=payment.pk, result=result, actor=actor)
    else:
        record(payment_id=payment.pk, result=result, actor=actor)


def _asked(payment: Payment, gateway: Gateway) -> ChargeResult:
    """Ask for the money; where the bank wants its customer, for their word."""
    # Asked before: that call may have charged, whatever became of its answer, and its key may be forgotten by now.
    result = _look_up(payment, gateway) if payment.calls > 1 else None
    # What was found counts, whatever has become of the method since.
    result = result or gateway.charge(_request(payment))
    if result.outcome is not Outcome.REQUIRES_ACTION or result.action_url or not result.gateway_id:
        return result
    return gateway.ask_customer(
        gateway_id=result.gateway_id,
        method_id=_request(payment).method_id,
        # The same at each repetition, for the key is: the link is made as of the day the payment was.
        return_url=settings.PAYMENT_RETURN_URL or invoice_link(payment.invoice_id, at=payment.created_at),
        key=str(payment.pk),
    )


def _under_way(payment: Payment, gateway: Gateway) -> ChargeResult:
    """How a charge stands that had not ended when we looked last; one that waited for long enough is given up."""
    gateway_id = str(payment.gateway_transaction_id)
    over = payment.action_until is not None and payment.action_until <= now_for(payment.account)
    try:
        result = gateway.give_up(gateway_id) if over else gateway.fetch(gateway_id)
    except GatewayRefused as error:
        raise GatewayUnavailable(f"look at {gateway_id} refused: {error.code}") from error
    if over and result.outcome is not Outcome.SUCCEEDED:
        return replace(result, code=NOT_CONFIRMED, message="The customer did not confirm the payment in time.")
    return result


def _look_up(payment: Payment, gateway: Gateway) -> ChargeResult | None:
    """The charge that an earlier call may have made. A refusal to say so is no answer: the money may have moved."""
    customer = GatewayCustomer.objects.get(account=payment.account_id)
    try:
        return gateway.find(
            payment_id=payment.pk, customer_id=customer.gateway_id, since=payment.created_at - CLOCKS_DIFFER
        )
    except GatewayRefused as error:
        raise GatewayUnavailable(f"look-up refused: {error.code}") from error


def _request(payment: Payment) -> ChargeRequest:
    method = payment.payment_method
    if method is None or method.gateway_id is None:
        raise GatewayRefused("payment_method_missing", "The payment method is not known at the gateway.")
    return ChargeRequest(
        payment_id=payment.pk,
        invoice_id=payment.invoice_id,
        amount=payment.amount,
        currency=payment.currency,
        customer_id=payment.account.gateway_customer.gateway_id,
        method_id=method.gateway_id,
        method_type=method.type,
        description=f"Invoice {payment.invoice.number}",
    )


def wait(*, payment_id: UUID, result: ChargeResult, actor: Actor) -> None:
    """Write down that a charge is under way at the gateway: with the customer's bank, or with the customer."""
    with unit_of_work(actor):
        account_id = Payment.objects.values_list("account_id", flat=True).get(pk=payment_id)
        account = accounts.lock([account_id])[account_id]
        payment = lock_payment(payment_id)
        if payment.status != Status.PENDING:
            return
        at = now_for(account)
        asks = bool(result.action_url) and not payment.action_url
        payment.gateway_transaction_id = result.gateway_id
        payment.action_url = result.action_url
        payment.action_until = at + ACTION_TIME if asks else payment.action_until
        Payment.objects.filter(pk=payment_id).update(
            gateway_transaction_id=payment.gateway_transaction_id,
            action_url=payment.action_url,
            action_until=payment.action_until,
            **{**ENDED, "next_call_at": clock.wall() + patience(payment.calls)},
            version=F("version") + 1,
            updated_at=clock.wall(),
        )
        if asks:
            shown = payment_objects([payment])[0]
            publish([
                PaymentRequiresAction(object=shown, object_id=payment_id, account_id=account_id, effective_at=at)
            ])  # fmt: skip


def record(*, payment_id: UUID, result: ChargeResult, actor: Actor) -> bool:
    """Write down how a payment ended; returns whether this was news. A payment that has ended stays as it ended."""
    with unit_of_work(actor):
        account_id = Payment.objects.values_list("account_id", flat=True).get(pk=payment_id)
        account = accounts.lock([account_id])[account_id]
        payment = lock_payment(payment_id)
        if payment.status != Status.PENDING:
            return False
        at = now_for(account)
        succeeded = result.outcome is Outcome.SUCCEEDED
        payment.status = Status.SUCCEEDED if succeeded else Status.FAILED
        payment.gateway_transaction_id = result.gateway_id or payment.gateway_transaction_id
        payment.failure_code = "" if succeeded else result.code[:64]
        payment.failure_message = "" if succeeded else result.message
        payment.settled_at, payment.action_url, payment.action_until = at, "", None
        Payment.objects.filter(pk=payment_id).update(
            status=payment.status,
            gateway_transaction_id=payment.gateway_transaction_id,
            failure_code=payment.failure_code,
            failure_message=payment.failure_message,
            settled_at=at,
            action_url="",
            action_until=None,
            **ENDED,
            version=F("version") + 1,
            updated_at=clock.wall(),
        )
        planned = [] if succeeded else after_failure(payment, account, at=at)
        publish([*_ended(payment, at), *planned])
        if succeeded:
            record_payment(
                invoice_id=payment.invoice_id, payment_id=payment_id, amount=payment.amount, paid_at=at, actor=actor
            )
        count = payments_attempted_total.labels(METRIC[result.outcome])
        after_commit(count.inc, name="payments_attempted_total")
    return True


def _ended(payment: Payment, at: datetime) -> list[DomainEvent]:
    """What is announced of a payment that has ended."""
    shown = payment_objects([payment])[0]
    told = PaymentSucceeded if payment.status == Status.SUCCEEDED else PaymentFailed
    events: list[DomainEvent] = [
        told(object=shown, object_id=payment.pk, account_id=payment.account_id, effective_at=at)
    ]
    if payment.status == Status.FAILED:
        invoice = invoices_by_id([payment.invoice_id])[payment.invoice_id]
        owed = invoice_objects([invoice])[0]
        events.append(
            InvoicePaymentFailed(object=owed, object_id=invoice.pk, account_id=payment.account_id, effective_at=at)
        )
    return events
