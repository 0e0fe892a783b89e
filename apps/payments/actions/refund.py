"""Refunds: a row with its books in one transaction, a call with none open, and what the gateway said.

The books hold it from the moment it is asked for, so two people never give the same money back. What does not arrive
becomes the customer's credit.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from apps.accounts import queries as accounts
from apps.clocks.queries import now_for
from apps.events.publish import publish
from apps.invoices import queries as invoices
from apps.invoices.actions.give_back import record_failed_refund, record_refund
from apps.invoices.models import Invoice
from apps.invoices.registry import GivenBack
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import NotFound
from apps.kernel.transactions import after_commit, unit_of_work
from apps.ledger.rules import LedgerAccount
from apps.payments import queries
from apps.payments.actions import lease
from apps.payments.actions.dispute import book
from apps.payments.actions.refundable import checked, left_to_refund, refundable
from apps.payments.events import PaymentRefunded, PaymentRefundFailed
from apps.payments.gateway import (
    Gateway,
    GatewayRefused,
    GatewayUnavailable,
    Outcome,
    RefundRequest,
    RefundResult,
    current,
)
from apps.payments.metrics import refunds_total
from apps.payments.models import Payment, Refund
from apps.payments.objects import payment_objects, refund_objects
from apps.payments.rules import BY_HAND, RefundStatus, Status, patience


def refund(*, payment_id: UUID, amount: int | None = None, reason: str, at: datetime, actor: Actor) -> Refund:
    """Give `amount` of a payment back, or all that is left of it; its invoice is credited by as much.

    Errors: payment_not_found (404); payment_not_refundable, nothing_to_refund (409); refund_too_large,
    refund_not_a_multiple (422).
    """
    with unit_of_work(actor):
        owner = Payment.objects.filter(pk=payment_id).values_list("account_id", flat=True).first()
        if owner is None:
            raise NotFound("payment_not_found", f"There is no payment {payment_id}.", hint="Check the id.")
        accounts.lock_one(owner)
        payment = queries.lock_payment(payment_id)
        invoice = invoices.lock([payment.invoice_id])[payment.invoice_id]
        wanted = checked(payment, amount)
        row = _write(payment, wanted, reason=reason, at=at, actor=actor)
        note = record_refund(
            invoice_id=invoice.pk,
            refund_id=row.pk,
            amount=wanted,
            reason=reason,
            at=at,
            actor=actor,
            out_of=_account(payment),
        )
        Refund.objects.filter(pk=row.pk).update(credit_note=note)
        row.refresh_from_db()
        if row.status == RefundStatus.SUCCEEDED:
            _announce(row, payment, at)
        return row


def give_back(invoice: Invoice, amount: int, *, reason: str, at: datetime, actor: Actor) -> list[GivenBack]:
    """Refund what was paid of an invoice that is being voided, the newest payment first; the caller keeps the books.

    What no payment can give back any more is left out.
    """
    found = []
    for payment in Payment.objects.filter(invoice=invoice, status=Status.SUCCEEDED).order_by("-pk"):
        wanted = min(amount, refundable(payment))
        if wanted <= 0:
            continue
        row = _write(payment, wanted, reason=reason, at=at, actor=actor)
        amount -= wanted
        found.append(GivenBack(row.pk, wanted, _account(payment)))
    return found


def _account(payment: Payment) -> LedgerAccount:
    return LedgerAccount.BANK if payment.method in BY_HAND else LedgerAccount.GATEWAY_CLEARING


def _write(payment: Payment, amount: int, *, reason: str, at: datetime, actor: Actor) -> Refund:
    """The row, and the payment that says so; what came by bank goes back by bank, which a person sees to."""
    by_gateway = payment.method not in BY_HAND
    Payment.objects.filter(pk=payment.pk).update(
        amount_refunded=F("amount_refunded") + amount, version=F("version") + 1, updated_at=clock.wall()
    )
    payment.refresh_from_db()
    if by_gateway:
        ring_after_commit("payments.sweep", "payments")
    return Refund.objects.create(
        payment=payment,
        invoice_id=payment.invoice_id,
        account_id=payment.account_id,
        amount=amount,
        currency=payment.currency,
        status=RefundStatus.PENDING if by_gateway else RefundStatus.SUCCEEDED,
        settled_at=None if by_gateway else at,
        next_call_at=clock.wall() if by_gateway else None,
        reason=reason[:500],
        actor=str(actor),
    )


def refund_next(*, actor: Actor) -> lease.Turn:
    """Ask for the refund whose turn it is."""
    return lease.turn(queries.to_refund(), lambda row: _ask(row, actor), actor=actor)


def _ask(row: Refund, actor: Actor) -> None:
    gateway = current()
    charge_id = str(row.payment.gateway_transaction_id)
    result = _look_up(row, charge_id, gateway)
    try:
        result = result or gateway.refund(RefundRequest(refund_id=row.pk, charge_id=charge_id, amount=row.amount))
    except GatewayRefused as error:
        result = RefundResult(
            outcome=Outcome.FAILED,
            gateway_id="",
            charge_id=charge_id,
            amount=row.amount,
            currency=row.currency,
            refund_id=row.pk,
            code=error.code,
        )
    record(refund_id=row.pk, result=result, actor=actor)


def _look_up(row: Refund, charge_id: str, gateway: Gateway) -> RefundResult | None:
    """The refund that an earlier call may have made. A refusal to say so is no answer: the money may have moved."""
    try:
        if row.gateway_refund_id:
            return gateway.fetch_refund(row.gateway_refund_id)
        made = gateway.refunds_of(charge_id) if row.calls > 1 else []
    except GatewayRefused as error:
        raise GatewayUnavailable(f"look-up refused: {error.code}") from error
    return next((each for each in made if each.refund_id == row.pk), None)


def record(*, refund_id: UUID, result: RefundResult, actor: Actor) -> bool:
    """Write down how a refund stands; returns whether this was news.

    One that had succeeded may fail later, when the customer's bank sends it back; nothing else changes what ended.
    """
    with unit_of_work(actor):
        account_id = Refund.objects.values_list("account_id", flat=True).get(pk=refund_id)
        account = accounts.lock_one(account_id)
        row = Refund.objects.select_for_update(no_key=True).get(pk=refund_id)
        at = now_for(account)
        status = STATES[result.outcome]
        ended = row.status if status == RefundStatus.PENDING else status
        if row.status == RefundStatus.FAILED or (row.status == status == RefundStatus.SUCCEEDED):
            return False
        waits = ended == RefundStatus.PENDING
        Refund.objects.filter(pk=refund_id).update(
            status=ended,
            gateway_refund_id=result.gateway_id or row.gateway_refund_id,
            failure_code=result.code[:64] if ended == RefundStatus.FAILED else "",
            settled_at=None if waits else at,
            lease_token=None,
            lease_until=None,
            next_call_at=clock.wall() + patience(row.calls) if waits else None,
            last_error="",
            version=F("version") + 1,
            updated_at=clock.wall(),
        )
        row.refresh_from_db()
        payment = queries.lock_payment(row.payment_id)
        if ended == RefundStatus.SUCCEEDED:
            _announce(row, payment, at)
        if ended == RefundStatus.FAILED:
            _failed(row, payment, at, actor)
    return True


STATES = {
    Outcome.SUCCEEDED: RefundStatus.SUCCEEDED,
    Outcome.PROCESSING: RefundStatus.PENDING,
    Outcome.FAILED: RefundStatus.FAILED,
    Outcome.DECLINED: RefundStatus.FAILED,
    Outcome.REQUIRES_ACTION: RefundStatus.PENDING,
}


def _announce(row: Refund, payment: Payment, at: datetime) -> None:
    shown = payment_objects([payment])[0]
    before = {"amount_refunded": payment.amount_refunded - row.amount}
    publish([
        PaymentRefunded(
            object=shown, object_id=payment.pk, account_id=payment.account_id, effective_at=at,
            previous_attributes=before,
        )
    ])  # fmt: skip
    after_commit(refunds_total.labels("succeeded").inc, name="refunds_total")


def _failed(row: Refund, payment: Payment, at: datetime, actor: Actor) -> None:
    """The customer has not got it: it is theirs as credit. A bank that took the charge back meanwhile is booked now."""
    Payment.objects.filter(pk=payment.pk).update(
        amount_refunded=F("amount_refunded") - row.amount, version=F("version") + 1, updated_at=clock.wall()
    )
    record_failed_refund(
        invoice_id=row.invoice_id, refund_id=row.pk, amount=row.amount, at=at, actor=actor, into=_account(payment)
    )
    shown = refund_objects([row])[0]
    publish([PaymentRefundFailed(object=shown, object_id=row.pk, account_id=row.account_id, effective_at=at)])
    after_commit(refunds_total.labels("failed").inc, name="refunds_total")
    book(payment.pk, at=at, actor=actor)


def adopt(result: RefundResult, *, actor: Actor) -> str:
    """Take over a refund that somebody made at the gateway itself; returns why not, if it cannot be taken."""
    payment = Payment.objects.filter(gateway_transaction_id=result.charge_id).first()
    if payment is None:
        return "not a refund of ours"
    with unit_of_work(actor):
        account = accounts.lock_one(payment.account_id)
        if result.outcome is Outcome.FAILED or Refund.objects.filter(gateway_refund_id=result.gateway_id).exists():
            return ""
        payment = queries.lock_payment(payment.pk)
        if result.amount > left_to_refund(payment):
            return (
                f"{result.amount} {result.currency} were refunded at the gateway, more than is left: see to it by hand"
            )
        row = refund(
            payment_id=payment.pk,
            amount=result.amount,
            reason="Refunded at the gateway",
            at=now_for(account),
            actor=actor,
        )
        Refund.objects.filter(pk=row.pk).update(gateway_refund_id=result.gateway_id)
        record(refund_id=row.pk, result=result, actor=actor)
    return ""


def known(gateway_id: str, refund_id: UUID | None) -> Refund | None:
    """The row that stands for a refund at the gateway, if there is one."""
    return Refund.objects.filter(Q(gateway_refund_id=gateway_id) | Q(pk=refund_id)).first()
