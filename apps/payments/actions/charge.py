"""Collect a payment in three steps: take the row, call the gateway with no transaction open, record its answer.

A crash between the steps loses nothing: the lease runs out, the call is repeated with the same key, and the gateway
gives the same answer. The answer may also come by webhook, first or second or twice; the row takes it once.
"""

from collections.abc import Mapping
from uuid import UUID

import structlog
from django.db.models import F
from django.db.models.functions import Now

from apps.accounts import queries as accounts
from apps.clocks.queries import now_for
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.invoices.actions.settle import record_payment
from apps.invoices.objects import invoice_objects
from apps.invoices.queries import invoices_by_id
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.transactions import unit_of_work
from apps.payments.actions import lease
from apps.payments.events import InvoicePaymentFailed, PaymentFailed, PaymentSucceeded
from apps.payments.gateway import ChargeRequest, ChargeResult, Gateway, GatewayRefused, GatewayUnavailable, Outcome, current
from apps.payments.metrics import payments_attempted_total
from apps.payments.models import Payment
from apps.payments.objects import payment_objects
from apps.payments.queries import lock_payment
from apps.payments.rules import LOOK_UP_AFTER, Status

logger = structlog.get_logger(__name__)

METRIC: Mapping[Outcome, str] = {
    Outcome.SUCCEEDED: "succeeded",
    Outcome.DECLINED: "declined",
    Outcome.FAILED: "failed",
    Outcome.REQUIRES_ACTION: "requires_action",
}


def charge_due(*, limit: int, actor: Actor) -> int:
    """Charge up to `limit` payments whose turn it is; returns how many were taken."""
    token, payments = lease.take(Payment.objects.filter(status=Status.PENDING), limit=limit, actor=actor)
    for payment in payments:
        _charge_one(payment, token, actor)
    return len(payments)


def _charge_one(payment: Payment, token: UUID, actor: Actor) -> None:
    """Call and record one payment that we hold."""
    try:
        result = _ask(payment, current())
    except GatewayUnavailable as error:
        then = lease.put_back(payment, token, reason=error.reason, calls=payment.calls, actor=actor)
        logger.warning("charge_unanswered", payment_id=str(payment.pk), reason=error.reason, next_call_at=then.isoformat())
        return
    except GatewayRefused as error:
        result = ChargeResult(
            outcome=Outcome.FAILED, gateway_id="", payment_id=payment.pk, code=error.code, message=error.message
        )
    if result.outcome is Outcome.PROCESSING:
        lease.put_back(payment, token, reason="processing at the gateway", calls=payment.calls, actor=actor)
        return
    record(payment_id=payment.pk, result=result, actor=actor)


def _ask(payment: Payment, asked: Gateway) -> ChargeResult:
    """The gateway's answer: looked up when an old call may have charged, else charged under the payment's own key."""
    method, customer = payment.payment_method, payment.account.gateway_customer
    if method is None or method.gateway_id is None:
        raise GatewayRefused("payment_method_missing", "The payment method is not known at the gateway.")
    if payment.calls > 1 and clock.wall() - payment.created_at > LOOK_UP_AFTER:
        found = asked.find(payment_id=payment.pk, customer_id=customer.gateway_id)
        if found is not None:
            return found
    return asked.charge(
        ChargeRequest(
            payment_id=payment.pk,
            invoice_id=payment.invoice_id,
            amount=payment.amount,
            currency=payment.currency,
            customer_id=customer.gateway_id,
            method_id=method.gateway_id,
            description=f"Invoice {payment.invoice.number}",
        )
    )


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
        payment.gateway_transaction_id = result.gateway_id or None
        payment.failure_code = "" if succeeded else result.code
        payment.failure_message = "" if succeeded else result.message
        Payment.objects.filter(pk=payment_id).update(
            status=payment.status,
            gateway_transaction_id=payment.gateway_transaction_id,
            failure_code=payment.failure_code,
            failure_message=payment.failure_message,
            settled_at=at,
            lease_token=None,
            lease_until=None,
            last_error="",
            version=F("version") + 1,
            updated_at=Now(),
        )
        shown = payment_objects([payment])[0]
        told = PaymentSucceeded if succeeded else PaymentFailed
        events: list[DomainEvent] = [
            told(object=shown, object_id=payment_id, account_id=account_id, effective_at=at)
        ]
        if not succeeded:
            invoice = invoices_by_id([payment.invoice_id])[payment.invoice_id]
            events.append(
                InvoicePaymentFailed(
                    object=invoice_objects([invoice])[0], object_id=invoice.pk, account_id=account_id, effective_at=at
                )
            )
        publish(events)
        if succeeded:
            record_payment(
                invoice_id=payment.invoice_id, payment_id=payment_id, amount=payment.amount, paid_at=at, actor=actor
            )
    payments_attempted_total.labels(METRIC[result.outcome]).inc()
    return True
