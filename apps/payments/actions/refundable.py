"""What can be given back of a payment."""

from django.db.models import Sum

from apps.invoices import queries as invoices
from apps.invoices.actions.credit_note import left_to_credit
from apps.invoices.models import Invoice, Settlement
from apps.invoices.rules import SettlementKind
from apps.invoices.rules import Status as InvoiceStatus
from apps.kernel.errors import Conflict, Invalid, Problem
from apps.kernel.money import Money
from apps.payments.gateway import limits
from apps.payments.models import Payment, Refund
from apps.payments.rules import BY_HAND, Status


def refundable(payment: Payment) -> int:
    """What can still be given back of a payment: it was paid, is not back with the customer, and can be credited."""
    if payment.status != Status.SUCCEEDED:
        return 0
    applied = Settlement.objects.filter(kind=SettlementKind.PAYMENT, source_id=payment.pk)
    asked = Refund.objects.filter(payment=payment)
    sums = [int(rows.aggregate(sum=Sum("amount"))["sum"] or 0) for rows in (applied, asked)]
    left: int = sums[0] - sums[1] - payment.amount_charged_back
    paid = invoices.balances([payment.invoice_id])[payment.invoice_id].amount_paid
    left = max(0, min(left, paid))
    return left - left % _multiple(payment)


def _multiple(payment: Payment) -> int:
    """What amounts the gateway takes; a transfer of our bank's takes any."""
    return 1 if payment.method in BY_HAND else limits(payment.currency).multiple


def left_to_refund(payment: Payment) -> int:
    """The same, as far as its invoice can be credited too."""
    left = refundable(payment)
    status = Invoice.objects.values_list("status", flat=True).get(pk=payment.invoice_id)
    left = min(left, left_to_credit(payment.invoice_id)) if left and status != InvoiceStatus.VOID else 0
    return left - left % _multiple(payment)


def checked(payment: Payment, amount: int | None) -> int:
    """How much is given back when `amount` of a payment is asked for, or all that is left.

    Errors: payment_not_refundable, nothing_to_refund (409); refund_too_large, refund_not_a_multiple (422).
    """
    if payment.status != Status.SUCCEEDED:
        raise Conflict(
            "payment_not_refundable",
            f"The payment is {payment.status}.",
            hint="Only what was paid can be given back.",
        )
    left = left_to_refund(payment)
    if not left:
        raise Conflict(
            "nothing_to_refund",
            "Nothing of this payment is left to give back.",
            hint="It is refunded, charged back or credited already. Credit is paid out by voiding it.",
        )
    if amount is not None and amount > left:
        detail = f"At most {Money(left, payment.currency)} of this payment is left to give back."
        raise Invalid(
            "refund_too_large",
            detail,
            hint=f"Refund {left} or less, in minor units.",
            errors=[Problem("/amount", "refund_too_large", detail)],
        )
    if amount is not None and amount % _multiple(payment):
        detail = f"Payments in {payment.currency} are given back in multiples of {_multiple(payment)}."
        raise Invalid(
            "refund_not_a_multiple",
            detail,
            hint=f"Refund {amount - amount % _multiple(payment)}; the rest can be granted as credit.",
            errors=[Problem("/amount", "refund_not_a_multiple", detail)],
        )
    return left if amount is None else amount
