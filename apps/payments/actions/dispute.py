"""Disputes: a customer's bank questions a charge and takes the money until it is settled, or for good."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, Sum

from apps.accounts import queries as accounts
from apps.clocks.queries import now_for
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.invoices.actions.give_back import record_chargeback, reverse_chargeback
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.transactions import after_commit, unit_of_work
from apps.payments import queries
from apps.payments.events import PaymentDisputeClosed, PaymentDisputed
from apps.payments.gateway import DisputeResult, DisputeState
from apps.payments.metrics import disputes_total
from apps.payments.models import Chargeback, Dispute, Payment
from apps.payments.objects import dispute_objects
from apps.payments.rules import DisputeStatus, Status

STATES = {
    DisputeState.INQUIRY: DisputeStatus.INQUIRY,
    DisputeState.OPEN: DisputeStatus.OPEN,
    DisputeState.WON: DisputeStatus.WON,
    DisputeState.LOST: DisputeStatus.LOST,
}
ENDED = (DisputeStatus.WON, DisputeStatus.LOST)


def record(result: DisputeResult, *, actor: Actor) -> str:
    """Write down how a dispute stands, and book what the bank holds; returns why not, if it is none of ours.

    Told twice, or of an earlier state after a later one, it changes nothing: what is recorded is what was fetched.
    """
    payment_id = Payment.objects.filter(gateway_transaction_id=result.charge_id).values_list("pk", flat=True).first()
    if payment_id is None:
        return "not a dispute of ours"
    with unit_of_work(actor):
        account_id = Payment.objects.values_list("account_id", flat=True).get(pk=payment_id)
        account = accounts.lock_one(account_id)
        payment = queries.lock_payment(payment_id)
        if payment.status != Status.SUCCEEDED:
            return f"a dispute of a payment that is {payment.status}: see to it by hand"
        at = now_for(account)
        status = STATES[result.state]
        row, is_new = Dispute.objects.select_for_update(no_key=True).get_or_create(
            gateway_dispute_id=result.gateway_id,
            defaults={
                "payment": payment, "invoice_id": payment.invoice_id, "account_id": account_id,
                "amount": result.amount, "withdrawn": result.withdrawn, "currency": result.currency,
                "reason": result.reason[:64], "status": status, "opened_at": at,
                "closed_at": at if status in ENDED else None,
            },
        )  # fmt: skip
        if not is_new:
            if row.status in ENDED or (row.status, row.withdrawn) == (status, result.withdrawn):
                return ""
            Dispute.objects.filter(pk=row.pk).update(
                status=status,
                withdrawn=result.withdrawn,
                closed_at=at if status in ENDED else None,
                version=F("version") + 1,
                updated_at=clock.wall(),
            )
        book(payment_id, at=at, actor=actor)
        _announce(row.pk, at, is_new=is_new)
    return ""


def book(payment_id: UUID, *, at: datetime, actor: Actor) -> None:
    """Let the books hold what the bank holds of a payment, as far as it is not refunded: never more than was paid."""
    payment = queries.lock_payment(payment_id)
    for row in Dispute.objects.filter(payment=payment).order_by("pk"):
        held = Chargeback.objects.filter(dispute=row, reversed_at=None)
        booked = int(held.aggregate(sum=Sum("amount"))["sum"] or 0)
        if row.withdrawn < booked:
            for chargeback in held:
                reverse_chargeback(
                    invoice_id=payment.invoice_id,
                    chargeback_id=chargeback.pk,
                    amount=chargeback.amount,
                    at=at,
                    actor=actor,
                )
            held.update(reversed_at=at)
            _hold(payment, -booked)
            booked = 0
        more = min(row.withdrawn - booked, payment.amount - payment.amount_refunded - payment.amount_charged_back)
        if more > 0:
            taken = Chargeback.objects.create(dispute=row, amount=more, at=at)
            record_chargeback(invoice_id=payment.invoice_id, chargeback_id=taken.pk, amount=more, at=at, actor=actor)
            _hold(payment, more)


def _hold(payment: Payment, amount: int) -> None:
    Payment.objects.filter(pk=payment.pk).update(
        amount_charged_back=F("amount_charged_back") + amount, version=F("version") + 1, updated_at=clock.wall()
    )
    payment.refresh_from_db()


def _announce(dispute_id: UUID, at: datetime, *, is_new: bool) -> None:
    row = Dispute.objects.get(pk=dispute_id)
    shown = dispute_objects([row])[0]
    events: list[DomainEvent] = []
    if is_new:
        events.append(PaymentDisputed(object=shown, object_id=row.pk, account_id=row.account_id, effective_at=at))
        after_commit(disputes_total.labels(row.status.lower()).inc, name="disputes_total")
    if row.status in ENDED:
        events.append(PaymentDisputeClosed(object=shown, object_id=row.pk, account_id=row.account_id, effective_at=at))
    publish(events)
