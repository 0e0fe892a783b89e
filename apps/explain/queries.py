"""Stored invoices with all that their figures were made from: nine queries for any number of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.coupons.models import Coupon
from apps.explain.rules import Group, Invoice, Line
from apps.invoices.models import CreditNoteLine, PendingItem, TaxLine
from apps.invoices.models import Invoice as StoredInvoice
from apps.invoices.models import Line as StoredLine
from apps.invoices.rules import DraftLine, Status
from apps.kernel.membership import among
from apps.plans.models import Price
from apps.tax.models import TaxRate
from apps.tax.rules import Behavior


def batches(
    *, account_id: UUID | None = None, since: date | None = None, size: int = 500
) -> Iterator[list[StoredInvoice]]:
    """All final invoices, voided ones too, in the order of their ids: a batch at a time, so memory stays flat."""
    rows = StoredInvoice.objects.exclude(status=Status.DRAFT).order_by("pk")
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    if since is not None:
        rows = rows.filter(issue_date__gte=since)
    last: UUID | None = None
    while True:
        batch = list(rows.filter(pk__gt=last)[:size] if last else rows[:size])
        if not batch:
            return
        yield batch
        last = batch[-1].pk


def count(*, account_id: UUID | None = None, since: date | None = None) -> int:
    """How many `batches` will give."""
    wanted = Q(account_id=account_id) if account_id else Q()
    wanted &= Q(issue_date__gte=since) if since else Q()
    return StoredInvoice.objects.exclude(status=Status.DRAFT).filter(wanted).count()


def inputs(invoices: Sequence[StoredInvoice]) -> list[Invoice]:
    """These invoices as the derivation takes them, in their order."""
    ids = [invoice.pk for invoice in invoices]
    rows = list(StoredLine.objects.filter(among("invoice_id", ids)).order_by("invoice_id", "position"))
    reversed_ids = {UUID(row.source["reverses"]) for row in rows if "reverses" in row.source}
    charged: dict[UUID, Any] = {row.pk: row for row in StoredLine.objects.filter(among("id", reversed_ids))}
    if waited := reversed_ids - charged.keys():
        charged |= {item.pk: item.draft_line() for item in PendingItem.objects.filter(pk__in=waited)}
    made = {invoice.pk: invoice.created_at for invoice in invoices}
    lookups = _Lookups(rows, list(charged.values()), {invoice.pk: invoice.currency for invoice in invoices})
    notes = _notes(reversed_ids)
    lines: dict[UUID, list[Line]] = {}
    for row in rows:
        reverses = charged.get(UUID(row.source["reverses"])) if "reverses" in row.source else None
        currency = lookups.currencies[row.invoice_id]
        found = None
        if reverses is not None:
            noted = sum(
                amount for at, amount in notes.get(UUID(row.source["reverses"]), ()) if at < made[row.invoice_id]
            )
            found = _line(reverses, currency, lookups, noted=noted)
        lines.setdefault(row.invoice_id, []).append(_line(row, currency, lookups, reverses=found))
    groups: dict[UUID, list[Group]] = {}
    for group in TaxLine.objects.filter(among("invoice_id", ids)).order_by("invoice_id", "position"):
        groups.setdefault(group.invoice_id, []).append(
            Group(
                jurisdiction=group.jurisdiction,
                rate=group.rate,
                category=group.category,
                reason=group.reason,
                taxable_amount=group.taxable_amount,
                amount=group.amount,
            )
        )
    rates = list(TaxRate.objects.filter(jurisdiction__in={row.tax_jurisdiction for row in rows}))
    return [
        Invoice(
            id=invoice.pk,
            number=invoice.number or "",
            kind=invoice.kind,
            currency=invoice.currency,
            subtotal=invoice.subtotal,
            discount=invoice.discount,
            tax=invoice.tax,
            total=invoice.total,
            lines=lines.get(invoice.pk, []),
            groups=groups.get(invoice.pk, []),
            rates=_on(rates, invoice.issue_date),
        )
        for invoice in invoices
    ]


class _Lookups:
    """What the catalogue and the coupons say of some lines: two queries."""

    def __init__(self, rows: Sequence[Any], charged: Sequence[Any], currencies: Mapping[UUID, str]) -> None:
        self.currencies = currencies
        sources = [each.source for each in (*rows, *charged)]
        versions = {source["plan_version_id"] for source in sources if "plan_version_id" in source}
        self.prices = {
            (str(version), currency): amount
            for version, currency, amount in Price.objects.filter(plan_version_id__in=versions).values_list(
                "plan_version_id", "currency", "amount"
            )
        }
        coupons = {part["coupon"] for source in sources for part in source.get("discounts", ())}
        found = Coupon.objects.filter(pk__in=coupons).values_list("pk", "percent_off") if coupons else ()
        self.percents = {str(pk): percent for pk, percent in found if percent is not None}


def _line(
    row: "StoredLine | DraftLine", currency: str, lookups: _Lookups, *, reverses: Line | None = None, noted: int = 0
) -> Line:
    stored = row if isinstance(row, StoredLine) else None
    source = row.source
    days = stored.service_days if stored else None
    period = None if isinstance(row, StoredLine) else row.period
    return Line(
        id=UUID(str(row.id)),
        position=stored.position if stored else 0,
        kind=row.kind,
        description=row.description,
        quantity=row.quantity,
        unit_amount=row.unit_amount,
        amount=row.amount,
        discount_amount=row.discount_amount,
        inclusive=row.tax_behavior == Behavior.INCLUSIVE,
        jurisdiction=stored.tax_jurisdiction if stored else "",
        tax_name=stored.tax_name if stored else "",
        category=row.tax_category,
        # A line that was credited while it waited has no tax yet: the credit's own is then looked at alone.
        rate=stored.tax_rate if stored else Decimal(0),
        reason=stored.tax_reason if stored else "",
        tax_amount=stored.tax_amount if stored else 0,
        days=(days.lower, days.upper) if days else (period.start, period.end) if period else None,
        plan_version=row.plan_version,
        source=source,
        price=lookups.prices.get((str(source.get("plan_version_id")), currency)),
        reverses=reverses,
        noted=noted,
        percents=lookups.percents,
        waited=stored is None,
    )


def _notes(line_ids: Collection[UUID]) -> dict[UUID, list[tuple[datetime, int]]]:
    """What credit notes took back of these lines, and when: net, or gross where the price held its tax."""
    found: dict[UUID, list[tuple[datetime, int]]] = {}
    rows = CreditNoteLine.objects.filter(line_id__in=line_ids).values_list(
        "line_id", "credit_note__created_at", "amount", "tax_amount", "line__tax_behavior"
    )
    for line_id, at, net, tax, behavior in rows if line_ids else ():
        found.setdefault(line_id, []).append((at, net + (tax if behavior == Behavior.INCLUSIVE else 0)))
    return found


def _on(rates: Sequence[TaxRate], day: date | None) -> dict[tuple[str, str], Decimal]:
    """The rates in force that day."""
    if day is None:
        return {}
    return {
        (rate.jurisdiction, rate.category): rate.rate
        for rate in rates
        if (rate.valid.lower is None or rate.valid.lower <= day)
        and (rate.valid.upper is None or day < rate.valid.upper)
    }
