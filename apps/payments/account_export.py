"""What an account's export holds of how it pays: methods, those taken off too, and what was paid and given back."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import structs

from apps.accounts.registry import section
from apps.payments.models import BankLine, GatewayCustomer, PaymentMethod
from apps.payments.objects import (
    DisputeObject,
    PaymentMethodObject,
    PaymentObject,
    RefundObject,
    dispute_objects,
    payment_method_objects,
    payment_objects,
    refund_objects,
)
from apps.payments.queries import disputes, payments, refunds
from apps.payments.rules import MethodStatus
from apps.rest.objects import ApiObject


class HeldPaymentMethodObject(PaymentMethodObject, kw_only=True, frozen=True):
    """A way to pay, that cannot be charged any more unless it is ACTIVE."""

    status: MethodStatus


class GatewayCustomerObject(ApiObject, kw_only=True, frozen=True):
    """Under which id the payment gateway knows the account."""

    gateway_customer_id: str
    created_at: datetime


class BankTransferObject(ApiObject, kw_only=True, frozen=True):
    """A line of a bank statement that was found to be the account's."""

    id: UUID
    booked_on: date
    amount: int
    currency: str
    reference: str
    payer: str
    recorded_at: datetime | None


def _methods(rows: Sequence[PaymentMethod]) -> list[HeldPaymentMethodObject]:
    shown = zip(payment_method_objects(rows), rows, strict=True)
    return [HeldPaymentMethodObject(**structs.asdict(each), status=MethodStatus(row.status)) for each, row in shown]


def _customers(rows: Sequence[GatewayCustomer]) -> list[GatewayCustomerObject]:
    return [GatewayCustomerObject(gateway_customer_id=row.gateway_id, created_at=row.created_at) for row in rows]


def _transfers(rows: Sequence[BankLine]) -> list[BankTransferObject]:
    return [
        BankTransferObject(
            id=row.pk,
            booked_on=row.booked_on,
            amount=row.amount,
            currency=row.currency,
            reference=row.reference,
            payer=row.payer,
            recorded_at=row.recorded_at,
        )
        for row in rows
    ]


section(
    "payment_methods",
    HeldPaymentMethodObject,
    rows=lambda account_id: PaymentMethod.objects.filter(account_id=account_id),
    show=_methods,
)
section(
    "gateway_customers",
    GatewayCustomerObject,
    rows=lambda account_id: GatewayCustomer.objects.filter(account_id=account_id),
    show=_customers,
)
section(
    "payments", PaymentObject, rows=lambda account_id: payments().filter(account_id=account_id), show=payment_objects
)
section("refunds", RefundObject, rows=lambda account_id: refunds().filter(account_id=account_id), show=refund_objects)
section(
    "disputes", DisputeObject, rows=lambda account_id: disputes().filter(account_id=account_id), show=dispute_objects
)
section(
    "bank_transfers",
    BankTransferObject,
    rows=lambda account_id: BankLine.objects.filter(account_id=account_id),
    show=_transfers,
)
