"""Payments and payment methods as the API answers with them and events carry them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from apps.payments.models import Chargeback, Dispute, Payment, PaymentMethod, Refund
from apps.payments.rules import DisputeStatus, Origin, RefundStatus, Status
from apps.rest.objects import ApiObject


class PaymentMethodObject(ApiObject, kw_only=True, frozen=True):
    """A way to pay. Of a card only what may be shown."""

    id: UUID
    account_id: UUID
    type: str
    card_brand: str | None
    card_last4: str | None
    card_exp_month: int | None
    card_exp_year: int | None
    is_default: bool
    created_at: datetime
    url: str


class RefundObject(ApiObject, kw_only=True, frozen=True):
    """Money of a payment given back, in minor units. `credit_note_id`: by what its invoice was credited.

    FAILED: it did not arrive, and is the account's credit.
    """

    id: UUID
    payment_id: UUID
    invoice_id: UUID
    account_id: UUID
    credit_note_id: UUID | None
    amount: int
    currency: str
    status: RefundStatus
    reason: str
    gateway_refund_id: str | None
    failure_code: str | None
    created_at: datetime
    url: str


class DisputeObject(ApiObject, kw_only=True, frozen=True):
    """A payment that the customer's bank questions. `taken`: what it holds now and the invoice owes again."""

    id: UUID
    payment_id: UUID
    invoice_id: UUID
    account_id: UUID
    amount: int
    taken: int
    currency: str
    status: DisputeStatus
    reason: str
    opened_at: datetime
    closed_at: datetime | None
    created_at: datetime


class PaymentObject(ApiObject, kw_only=True, frozen=True):
    """One attempt to collect an invoice. Amounts are minor units of `currency`.

    `carried`: of the amount, what earlier invoices owed that were too small to be charged.
    `origin`: who or what had it collected; null of those before it was kept.
    `action_url`: where the customer is to confirm it, until `action_until`.
    """

    id: UUID
    invoice_id: UUID
    account_id: UUID
    amount: int
    carried: int
    amount_refunded: int
    amount_charged_back: int
    currency: str
    status: Status
    method: str
    payment_method_id: UUID | None
    gateway_transaction_id: str | None
    reference: str | None
    failure_code: str | None
    failure_message: str | None
    attempt: int
    origin: Origin | None
    next_retry_at: datetime | None
    action_url: str | None
    action_until: datetime | None
    created_at: datetime
    url: str


def payment_method_objects(methods: Sequence[PaymentMethod]) -> list[PaymentMethodObject]:
    """The objects of these payment methods, in their order."""
    return [
        PaymentMethodObject(
            id=method.pk,
            account_id=method.account_id,
            type=method.type,
            card_brand=method.card_brand or None,
            card_last4=method.card_last4 or None,
            card_exp_month=method.card_exp_month,
            card_exp_year=method.card_exp_year,
            is_default=method.is_default,
            created_at=method.created_at,
            url=f"/v1/accounts/{method.account_id}/payment-methods/{method.pk}",
        )
        for method in methods
    ]


def payment_objects(payments: Sequence[Payment]) -> list[PaymentObject]:
    """The objects of these payments, in their order."""
    return [
        PaymentObject(
            id=payment.pk,
            invoice_id=payment.invoice_id,
            account_id=payment.account_id,
            amount=payment.amount,
            carried=payment.carried,
            amount_refunded=payment.amount_refunded,
            amount_charged_back=payment.amount_charged_back,
            currency=payment.currency,
            status=Status(payment.status),
            method=payment.method,
            payment_method_id=payment.payment_method_id,
            gateway_transaction_id=payment.gateway_transaction_id,
            reference=payment.reference or None,
            failure_code=payment.failure_code or None,
            failure_message=payment.failure_message or None,
            attempt=payment.attempt,
            origin=Origin(payment.origin) if payment.origin else None,
            next_retry_at=payment.next_retry_at,
            action_url=payment.action_url or None,
            action_until=payment.action_until,
            created_at=payment.created_at,
            url=f"/v1/payments/{payment.pk}",
        )
        for payment in payments
    ]


def refund_objects(refunds: Sequence[Refund]) -> list[RefundObject]:
    """The objects of these refunds, in their order."""
    return [
        RefundObject(
            id=refund.pk,
            payment_id=refund.payment_id,
            invoice_id=refund.invoice_id,
            account_id=refund.account_id,
            credit_note_id=refund.credit_note_id,
            amount=refund.amount,
            currency=refund.currency,
            status=RefundStatus(refund.status),
            reason=refund.reason,
            gateway_refund_id=refund.gateway_refund_id,
            failure_code=refund.failure_code or None,
            created_at=refund.created_at,
            url=f"/v1/refunds/{refund.pk}",
        )
        for refund in refunds
    ]


def dispute_objects(disputes: Sequence[Dispute]) -> list[DisputeObject]:
    """The objects of these disputes, in their order; one more query for all of them."""
    held = dict(
        Chargeback.objects.filter(dispute__in=disputes, reversed_at=None)
        .order_by()
        .values_list("dispute_id")
        .annotate(sum=Sum("amount"))
    )
    return [
        DisputeObject(
            id=dispute.pk,
            payment_id=dispute.payment_id,
            invoice_id=dispute.invoice_id,
            account_id=dispute.account_id,
            amount=dispute.amount,
            taken=int(held.get(dispute.pk, 0)),
            currency=dispute.currency,
            status=DisputeStatus(dispute.status),
            reason=dispute.reason,
            opened_at=dispute.opened_at,
            closed_at=dispute.closed_at,
            created_at=dispute.created_at,
        )
        for dispute in disputes
    ]
