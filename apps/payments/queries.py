"""Reads and locks of payments and payment methods."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.invoices.queries import open_balances
from apps.invoices.rules import Status as InvoiceStatus
from apps.kernel.membership import among, array
from apps.kernel.prepared import named, rows_of
from apps.kernel.schedule import Scope
from apps.kernel.statements import fetch
from apps.payments.gateway import limits
from apps.payments.models import Dispute, GatewayNotice, Payment, PaymentMethod, Refund
from apps.payments.rules import MethodStatus, NoticeStatus, RefundStatus, Status

# Part of every answer that shows an account.
_DEFAULTS = "SELECT account_id, id FROM payments_paymentmethod WHERE account_id = ANY(%s::uuid[]) AND is_default"
_DEFAULT_ROWS = named(
    PaymentMethod, "SELECT * FROM payments_paymentmethod WHERE account_id = ANY(%s::uuid[]) AND is_default"
)
_OF_CARDS = ("id", "account_id", "type")
_DEFAULT_CARDS = named(
    PaymentMethod,
    "SELECT * FROM payments_paymentmethod WHERE account_id = ANY(%s::uuid[]) AND is_default",
    only=_OF_CARDS,
)


class Small(NamedTuple):
    """An open invoice that owes less than the gateway charges."""

    invoice_id: UUID
    balance: int
    currency: str


def payments() -> QuerySet[Payment]:
    """All payments."""
    return Payment.objects.all()


def refunds() -> QuerySet[Refund]:
    """All refunds."""
    return Refund.objects.all()


def disputes() -> QuerySet[Dispute]:
    """All disputes, with what the books hold of each."""
    held = Coalesce(Sum("chargebacks__amount", filter=Q(chargebacks__reversed_at=None)), 0)
    return Dispute.objects.annotate(taken=held)


def methods(account_id: UUID) -> QuerySet[PaymentMethod]:
    """The usable payment methods of an account."""
    return PaymentMethod.objects.filter(account_id=account_id, status=MethodStatus.ACTIVE)


def default_methods(account_ids: Collection[UUID]) -> dict[UUID, PaymentMethod]:
    """The default payment method of each account that has one."""
    return {method.account_id: method for method in rows_of(PaymentMethod, _DEFAULT_ROWS, [array(account_ids)])}


def cards(account_ids: Collection[UUID]) -> dict[UUID, PaymentMethod]:
    """The same, with what a charge needs of each: which it is, and of which type."""
    rows = rows_of(PaymentMethod, _DEFAULT_CARDS, [array(account_ids)], only=_OF_CARDS)
    return {method.account_id: method for method in rows}


def default_method_ids(account_ids: Sequence[UUID]) -> Mapping[UUID, UUID]:
    """The same, ids alone: what an account shows."""
    return dict(fetch(_DEFAULTS, [array(account_ids)]))


def lock_payment(payment_id: UUID) -> Payment:
    """Lock one payment."""
    return Payment.objects.select_for_update(no_key=True).get(pk=payment_id)


def lock_payments(ids: Collection[UUID]) -> list[Payment]:
    """Lock these in the order of their ids."""
    return list(Payment.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))


def to_charge() -> QuerySet[Payment]:
    """Payments to ask the gateway for, each with all that it is asked by."""
    rows = Payment.objects.filter(status=Status.PENDING)
    return rows.select_related("account__gateway_customer", "payment_method", "invoice")


def ended_between(since: datetime, until: datetime) -> tuple[int, int]:
    """Of the payments of accounts on the wall's clock that ended then: how many succeeded, and how many there were."""
    rows = Payment.objects.filter(settled_at__gte=since, settled_at__lt=until, account__test_clock__isnull=True)
    found = rows.aggregate(good=Count("pk", filter=Q(status=Status.SUCCEEDED)), total=Count("pk"))
    return found["good"], found["total"]


def under_way(invoice_id: UUID) -> Payment | None:
    """The payment that is being collected of an invoice, if one is."""
    return Payment.objects.filter(invoice_id=invoice_id, status=Status.PENDING).first()


def attempts(invoice_ids: Collection[UUID]) -> dict[UUID, int]:
    """How often each of these invoices was tried; those never tried are left out."""
    rows = Payment.objects.filter(among("invoice_id", invoice_ids)).order_by().values_list("invoice_id")
    return dict(rows.annotate(last=Max("attempt")))


def first_failure(invoice_id: UUID) -> datetime | None:
    """When the first attempt on an invoice failed."""
    failed = Payment.objects.filter(invoice_id=invoice_id, status=Status.FAILED)
    found: datetime | None = failed.aggregate(first=Min("settled_at"))["first"]
    return found


def collectable(account_id: UUID) -> QuerySet[Invoice]:
    """Open invoices of an account that nobody collects, and that were never paid and taken back."""
    tried = Payment.objects.filter(invoice=OuterRef("pk"), status__in=[Status.PENDING, Status.SUCCEEDED])
    return Invoice.objects.filter(~Exists(tried), account_id=account_id, status=InvoiceStatus.OPEN)


def small(account_ids: Collection[UUID]) -> dict[UUID, list[Small]]:
    """By account its open invoices that owe less than the gateway charges and that nobody collects, the oldest first.

    They wait for the account's next invoice, which is charged with them. Not what a bank has taken back.
    """
    found: dict[UUID, list[Small]] = {}
    owing = [each for each in open_balances(account_ids) if 0 < each.balance < limits(each.currency).smallest]
    if owing:
        other = Q(status=Status.PENDING) | Q(amount_charged_back__gt=0)
        rows = Payment.objects.filter(other, among("invoice_id", [each.invoice_id for each in owing]))
        excluded = set(rows.order_by().values_list("invoice_id", flat=True))
        for each in owing:
            if each.invoice_id not in excluded:
                found.setdefault(each.account_id, []).append(Small(each.invoice_id, each.balance, each.currency))
    return found


def carried(account_ids: Collection[UUID]) -> set[UUID]:
    """Those open invoices that nobody is asked to pay yet: all small ones of an account together come to no charge."""
    return {
        each.invoice_id
        for owing in small(account_ids).values()
        if sum(each.balance for each in owing) < limits(owing[0].currency).smallest
        for each in owing
    }


def being_carried(account_ids: Collection[UUID]) -> set[UUID]:
    """Those accounts of which a payment under way collects what earlier invoices owe."""
    rows = Payment.objects.filter(among("account_id", account_ids), status=Status.PENDING, carried__gt=0)
    return set(rows.values_list("account_id", flat=True))


def to_retry(at: datetime, scope: Scope) -> QuerySet[Payment]:
    """Failed payments whose invoices are to be tried again by `at`, the longest due first; not while on hold."""
    rows = Payment.objects.filter(
        next_retry_at__lte=at, account__test_clock_id=scope.clock_id, account__dispute_hold=False
    )
    return rows.order_by("next_retry_at", "pk")


def to_retry_of(invoice_ids: Collection[UUID]) -> QuerySet[Payment]:
    """The failed payments that hold the schedules of these invoices."""
    return Payment.objects.filter(among("invoice_id", invoice_ids), next_retry_at__isnull=False)


def retries_exhausted(account_ids: Collection[UUID]) -> set[UUID]:
    """Those accounts with an open invoice that is not tried again by itself."""
    newer = Payment.objects.filter(
        invoice=OuterRef("invoice"), pk__gt=OuterRef("pk"), status__in=[Status.PENDING, Status.SUCCEEDED]
    )
    rows = Payment.objects.filter(
        ~Exists(newer),
        among("account_id", account_ids),
        retries_exhausted_at__isnull=False,
        invoice__status=InvoiceStatus.OPEN,
    )
    return set(rows.values_list("account_id", flat=True))


def retries_exhausted_of(invoice_id: UUID) -> bool:
    """Whether the retries of an invoice have come to their end before."""
    return Payment.objects.filter(invoice_id=invoice_id, retries_exhausted_at__isnull=False).exists()


def to_refund() -> QuerySet[Refund]:
    """Refunds to ask the gateway for."""
    return Refund.objects.filter(status=RefundStatus.PENDING)


def to_attach() -> QuerySet[PaymentMethod]:
    """Tokens that wait to be verified at the gateway."""
    return PaymentMethod.objects.filter(status=MethodStatus.PENDING, next_call_at__isnull=False)


def to_expire(at: datetime, scope: Scope) -> QuerySet[PaymentMethod]:
    """Cards whose last month has begun by `at` and that nobody was told of, the longest ago first."""
    rows = PaymentMethod.objects.filter(tell_expiry_at__lte=at, account__test_clock_id=scope.clock_id)
    return rows.order_by("tell_expiry_at", "pk")


def to_detach() -> QuerySet[PaymentMethod]:
    """Methods that were taken off, and the gateway has not been told."""
    return PaymentMethod.objects.filter(status=MethodStatus.DETACHED, next_call_at__isnull=False)


def waiting_for_customer() -> QuerySet[Payment]:
    """Payments that their customers are to confirm."""
    return Payment.objects.filter(status=Status.PENDING, action_until__isnull=False)


def to_give_up(at: datetime, scope: Scope, *, wall: datetime) -> QuerySet[Payment]:
    """Those whose customers have had their time, and that no worker has been sent to; the longest due first."""
    rows = waiting_for_customer().filter(account__test_clock_id=scope.clock_id, action_until__lte=at)
    return rows.filter(next_call_at__gt=wall).order_by("action_until")


def pending(scope: Scope, at: datetime) -> int:
    """Charges under way for the accounts of that scope, without those that wait for a customer at `at`."""
    rows = Payment.objects.filter(status=Status.PENDING, account__test_clock_id=scope.clock_id)
    return rows.filter(Q(action_until=None) | Q(action_until__lte=at)).count()


def collected(invoice_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """What is being charged for each of these invoices right now; one payment at most is under way for each."""
    under_way = Payment.objects.filter(status=Status.PENDING, invoice_id__in=list(invoice_ids))
    return dict(under_way.values_list("invoice_id", "amount"))


def settled(event_ids: Sequence[UUID]) -> bool:
    """Whether each charge that these events set going has ended: of invoices made, of accounts that now can pay."""
    told = Event.objects.filter(pk__in=event_ids)
    invoices = told.filter(event_type="invoice.created").values_list("object_id", flat=True)
    accounts = told.filter(event_type="payment_method.attached").values_list("account_id", flat=True)
    tried = told.filter(event_type="payment.created").values_list("object_id", flat=True)
    asked = Q(invoice_id__in=list(invoices)) | Q(account_id__in=list(accounts)) | Q(pk__in=list(tried))
    return not Payment.objects.filter(asked, status=Status.PENDING).exists()


def unread_notices() -> QuerySet[GatewayNotice]:
    """What the gateway told us and we have not looked into."""
    return GatewayNotice.objects.filter(status=NoticeStatus.PENDING)
