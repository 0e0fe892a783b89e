"""Reads and locks of invoices. A balance is always summed from rows: total less what was settled."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from apps.invoices.models import Invoice, Line, Settlement
from apps.invoices.rules import SettlementKind

PAID = (SettlementKind.PAYMENT, SettlementKind.REFUND, SettlementKind.CHARGEBACK)
"""Settlements that are money; refunds and chargebacks are negative."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left to pay of an invoice, and what has come off it."""

    total: int
    amount_paid: int
    credits_applied: int
    balance: int


def invoices() -> QuerySet[Invoice]:
    """All invoices; a list shows them newest first, by id."""
    return Invoice.objects.all()


def invoices_by_id(ids: Collection[UUID]) -> dict[UUID, Invoice]:
    """These invoices, by id; those that do not exist are left out."""
    return Invoice.objects.in_bulk(list(ids))


def with_balances(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Annotate amount_paid, credits_applied and balance, each summed per row through Settlement's covering index."""
    return rows.annotate(
        amount_paid=_settled(Q(kind__in=PAID)),
        credits_applied=_settled(Q(kind=SettlementKind.CREDIT)),
        balance=F("total") - _settled(Q()),
    )


def balances(ids: Collection[UUID]) -> dict[UUID, Balance]:
    """The balances of these invoices, in one query."""
    rows = Invoice.objects.filter(pk__in=ids).annotate(
        amount_paid=Coalesce(Sum("settlements__amount", filter=Q(settlements__kind__in=PAID)), 0),
        credits_applied=Coalesce(Sum("settlements__amount", filter=Q(settlements__kind=SettlementKind.CREDIT)), 0),
        settled=Coalesce(Sum("settlements__amount"), 0),
    )
    return {
        pk: Balance(total, int(paid), int(credits_applied), total - int(settled))
        for pk, total, paid, credits_applied, settled in rows.order_by().values_list(
            "pk", "total", "amount_paid", "credits_applied", "settled"
        )
    }


def lock(ids: Collection[UUID]) -> dict[UUID, Invoice]:
    """Lock these invoices in the order of their ids; those that do not exist are left out."""
    rows = Invoice.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True)
    return {invoice.pk: invoice for invoice in rows}


def with_lines_of(rows: QuerySet[Invoice], subscription_id: UUID) -> QuerySet[Invoice]:
    """Those with a line of this subscription: grouped invoices have several."""
    ids = ArraySubquery(Line.objects.filter(subscription_id=subscription_id).order_by().values("invoice_id"))
    # An array is found once, by the lines' index; as a semi-join PostgreSQL walks all invoices, newest first.
    found = Func(ids, function="ANY")
    return rows.filter(Func(F("pk"), found, template="%(expressions)s", arg_joiner=" = ", output_field=BooleanField()))


def _settled(which: Q) -> Coalesce:
    """The sum of an invoice's settlements of some kinds, as a subquery."""
    rows = Settlement.objects.filter(which, invoice=OuterRef("pk")).order_by().values("invoice")
    return Coalesce(
        Subquery(rows.annotate(settled=Sum("amount")).values("settled"), output_field=IntegerField()), Value(0)
    )
