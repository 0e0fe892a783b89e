"""What an account shows of its payment methods, and which payments, refunds and disputes are under way."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from apps.accounts.registry import contribute, expand, keeps
from apps.payments import queries
from apps.payments.models import Dispute, Payment, Refund
from apps.payments.objects import PaymentMethodObject, payment_method_objects
from apps.payments.rules import DisputeStatus, RefundStatus, Status

NAMED = 20


def _default_method(account_id: UUID) -> PaymentMethodObject | None:
    shown = queries.default_methods([account_id]).get(account_id)
    return payment_method_objects([shown])[0] if shown else None


contribute("default_payment_method_id", queries.default_method_ids, default=None)
expand("default_payment_method", _default_method)


def _under_way(account_id: UUID, at: datetime) -> Iterator[str]:
    payments = Payment.objects.filter(account_id=account_id, status=Status.PENDING)
    refunds = Refund.objects.filter(payment__account_id=account_id, status=RefundStatus.PENDING)
    disputes = Dispute.objects.filter(
        account_id=account_id, status__in=[DisputeStatus.INQUIRY.value, DisputeStatus.OPEN.value]
    )
    for rows, what in (
        (payments, "Payment {} is under way."), (refunds, "Refund {} is under way."),
        (disputes, "Dispute {} is not decided."),
    ):  # fmt: skip
        for pk in rows.order_by("pk").values_list("pk", flat=True)[:NAMED]:
            yield what.format(pk)


keeps("payments", _under_way)
