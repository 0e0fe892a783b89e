"""Reads and locks of payments and payment methods."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.events.models import Event
from apps.kernel.membership import among
from apps.kernel.schedule import Scope
from apps.payments.models import GatewayNotice, Payment, PaymentMethod
from apps.payments.rules import MethodStatus, NoticeStatus, Status


def payments() -> QuerySet[Payment]:
    """All payments."""
    return Payment.objects.all()


def methods(account_id: UUID) -> QuerySet[PaymentMethod]:
    """The usable payment methods of an account."""
    return PaymentMethod.objects.filter(account_id=account_id, status=MethodStatus.ACTIVE)


def default_methods(account_ids: Collection[UUID]) -> dict[UUID, PaymentMethod]:
    """The default payment method of each account that has one."""
    found = PaymentMethod.objects.filter(among("account_id", account_ids), is_default=True)
    return {method.account_id: method for method in found}


def default_method_ids(account_ids: Sequence[UUID]) -> Mapping[UUID, UUID]:
    """The same, ids alone: what an account shows."""
    found = PaymentMethod.objects.filter(account_id__in=account_ids, is_default=True)
    return dict(found.values_list("account_id", "id"))


def lock_payment(payment_id: UUID) -> Payment:
    """Lock one payment."""
    return Payment.objects.select_for_update(no_key=True).get(pk=payment_id)


def to_charge() -> QuerySet[Payment]:
    """Payments to ask the gateway for."""
    return Payment.objects.filter(status=Status.PENDING)


def to_attach() -> QuerySet[PaymentMethod]:
    """Tokens that wait to be verified at the gateway."""
    return PaymentMethod.objects.filter(status=MethodStatus.PENDING, next_call_at__isnull=False)


def to_detach() -> QuerySet[PaymentMethod]:
    """Methods that were taken off, and the gateway has not been told."""
    return PaymentMethod.objects.filter(status=MethodStatus.DETACHED, next_call_at__isnull=False)


def pending(scope: Scope) -> int:
    """Charges under way for the accounts of that scope."""
    return Payment.objects.filter(status=Status.PENDING, account__test_clock_id=scope.clock_id).count()


def collected(invoice_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """What is being charged for each of these invoices right now; one payment at most is under way for each."""
    under_way = Payment.objects.filter(status=Status.PENDING, invoice_id__in=list(invoice_ids))
    return dict(under_way.values_list("invoice_id", "amount"))


def settled(event_ids: Sequence[UUID]) -> bool:
    """Whether each charge that these events set going has ended: of invoices made, of accounts that now can pay."""
    told = Event.objects.filter(pk__in=event_ids)
    invoices = told.filter(event_type="invoice.created").values_list("object_id", flat=True)
    accounts = told.filter(event_type="payment_method.attached").values_list("account_id", flat=True)
    under_way = Payment.objects.filter(status=Status.PENDING)
    return not under_way.filter(Q(invoice_id__in=list(invoices)) | Q(account_id__in=list(accounts))).exists()


def unread_notices() -> QuerySet[GatewayNotice]:
    """What the gateway told us and we have not looked into."""
    return GatewayNotice.objects.filter(status=NoticeStatus.PENDING)
