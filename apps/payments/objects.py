"""Payments and payment methods as the API answers with them and events carry them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.payments.models import Payment, PaymentMethod
from apps.payments.rules import Status
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


class PaymentObject(ApiObject, kw_only=True, frozen=True):
    """One attempt to collect an invoice. Amounts are minor units of `currency`.

    `action_url`: where the customer is to confirm it, until `action_until`.
    """

    id: UUID
    invoice_id: UUID
    account_id: UUID
    amount: int
    amount_refunded: int
    currency: str
    status: Status
    method: str
    payment_method_id: UUID | None
    gateway_transaction_id: str | None
    failure_code: str | None
    failure_message: str | None
    attempt: int
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
            amount_refunded=payment.amount_refunded,
            currency=payment.currency,
            status=Status(payment.status),
            method=payment.method,
            payment_method_id=payment.payment_method_id,
            gateway_transaction_id=payment.gateway_transaction_id,
            failure_code=payment.failure_code or None,
            failure_message=payment.failure_message or None,
            attempt=payment.attempt,
            next_retry_at=payment.next_retry_at,
            action_url=payment.action_url or None,
            action_until=payment.action_until,
            created_at=payment.created_at,
            url=f"/v1/payments/{payment.pk}",
        )
        for payment in payments
    ]
