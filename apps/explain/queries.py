"""Stored invoices with all that their figures were made from: nine queries for any number of them."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.coupons.models import Coupon
from apps.explain.rules import Count, Group, Invoice, Line
from apps.invoices.models import CreditNoteLine, PendingItem, TaxLine
from apps.invoices.models import Invoice as StoredInvoice
from apps.invoices.models import Line as StoredLine
from apps.invoices.rules import DraftLine, LineKind, Status
from apps.kernel.membership import among
from apps.plans import queries as plans
from apps.plans.models import Price
from apps.plans.rules import Charge
from apps.plans.rules.rating import Usage
from apps.tax.models import TaxRate
from apps.tax.rules import Behavior
from apps.usage.models import Correction, UsageEvent
from apps.usage.queries import watermarks
from apps.usage.rules.meters import Aggregation, listed, matches
from apps.usage.rules.watermark import Watermark


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


def previous(invoice: StoredInvoice) -> StoredInvoice | None:
    """The bill before this one: the newest that stands of a period before, for any subscription that this one bills."""
    recurring = StoredLine.objects.filter(kind=LineKind.RECURRING)
    # Its lines may have been read already, with those of others; then most are answered without a query.
    own = [line for line in invoice.lines.all() if line.kind == LineKind.RECURRING]
    first = min((line.period_start for line in own if line.period_start), default=None)
    if first is None:
        return None
    before = recurring.filter(
        subscription_id__in={line.subscription_id for line in own if line.subscription_id},
        period_start__lt=first,
        invoice__status__in=(Status.OPEN, Status.PAID),
        invoice__currency=invoice.currency,
    )
    found = before.order_by("-period_start", "-invoice_id").select_related("invoice").first()
    return found.invoice if found else None


def inputs(invoices: Sequence[StoredInvoice], *, counting: bool = True) -> list[Invoice]:
    """These invoices as the derivation takes them, in their order; `counting`: usage events are counted again."""
    ids = [invoice.pk for invoice in invoices]
    rows = list(StoredLine.objects.filter(among("invoice_id", ids)).order_by("invoice_id", "position"))
    reversed_ids = {UUID(row.source["reverses"]) for row in rows if "reverses" in row.source}
    charged: dict[UUID, Any] = {row.pk: row for row in StoredLine.objects.filter(among("id", reversed_ids))}
    if waited := reversed_ids - charged.keys():
        charged |= {item.pk: item.draft_line() for item in PendingItem.objects.filter(pk__in=waited)}
    made = {invoice.pk: invoice.created_at for invoice in invoices}
    lookups = _Lookups(rows, list(charged.values()), {invoice.pk: invoice.currency for invoice in invoices})
    notes, counted = _notes(reversed_ids), _counted(rows) if counting else {}
    # One that waited was drawn up before its invoice was made: what notes took back since is none of its concern.
    crediting = [row.pk for row in rows if "reverses" in row.source]
    drawn_up = dict(PendingItem.objects.filter(pk__in=crediting).values_list("pk", "created_at"))
    lines: dict[UUID, list[Line]] = {}
    for row in rows:
        reverses = charged.get(UUID(row.source["reverses"])) if "reverses" in row.source else None
        currency = lookups.currencies[row.invoice_id]
        found = None
        if reverses is not None:
            until = drawn_up.get(row.pk, made[row.invoice_id])
            noted = sum(amount for at, amount in notes.get(UUID(row.source["reverses"]), ()) if at < until)
            found = _line(reverses, currency, lookups, noted=noted)
        lines.setdefault(row.invoice_id, []).append(
            _line(row, currency, lookups, reverses=found, counted=counted.get(row.pk))
        )
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
    row: "StoredLine | DraftLine",
    currency: str,
    lookups: _Lookups,
    *,
    reverses: Line | None = None,
    noted: int = 0,
    counted: Count | None = None,
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
        subscription_id=row.subscription_id,
        breakdown=row.breakdown or (),
        counted=counted,
    )


def _counted(rows: Sequence[StoredLine]) -> dict[UUID, Count]:
    """What the events of metered lines come to by their watermarks; none where events are no longer kept."""
    metered = [
        row
        for row in rows
        if row.kind == LineKind.USAGE and row.period_end is not None and not row.source.get("dropped")
    ]
    versions = {UUID(row.source["plan_version_id"]) for row in metered}
    charges = plans.charges(versions) if versions else {}
    by_key = {(str(version), charge.key): charge for version, own in charges.items() for charge in own}
    found = {}
    for row in metered:
        charge = by_key.get((row.source["plan_version_id"], row.source["charge"]))
        if charge is not None:
            found[row.pk] = _count(row, charge)
    return found


def _count(row: StoredLine, charge: Charge) -> Count:
    """One after another, in Python: what billing adds up in the database is so added up otherwise."""
    held = watermarks.held(Watermark.read(row.source["watermark"]))
    whose: dict[str, Any] = {"subscription_id": row.subscription_id, "metric": charge.metric}
    gone = Correction.objects.filter(held, **whose).values("event_id")
    events = UsageEvent.objects.filter(held, timestamp__gte=row.source["since"], timestamp__lt=row.period_end, **whose)
    events = events.exclude(pk__in=gone).order_by()
    groups: dict[tuple[str | None, ...], list[tuple[Any, ...]]] = {}
    taken = 0
    for stamp, key, quantity, properties in events.values_list(
        "timestamp", "idempotency_key", "quantity", "properties"
    ).iterator(chunk_size=10_000):
        if matches(listed(charge.filter), properties):
            taken += 1
            group = tuple(_text(properties.get(name)) for name in charge.group_by)
            unique = _text(properties.get(charge.unique_by)) if charge.unique_by else quantity
            groups.setdefault(group, []).append((stamp, key, unique, quantity))
    of_group: dict[Aggregation, Callable[[list[tuple[Any, ...]]], Decimal]] = {
        Aggregation.SUM: lambda held: sum((quantity for *_, quantity in held), Decimal(0)),
        Aggregation.COUNT: lambda held: Decimal(len(held)),
        Aggregation.MAX: lambda held: max(quantity for *_, quantity in held),
        Aggregation.LAST: lambda held: max(held)[3],
        Aggregation.UNIQUE_COUNT: lambda held: Decimal(len({unique for *_, unique, _ in held} - {None})),
    }
    usages = [
        Usage(of_group[charge.aggregation](each), len(each), Counter(quantity for *_, quantity in each), group)
        for group, each in sorted(groups.items(), key=lambda item: [(name is not None, name or "") for name in item[0]])
    ]
    return Count(sum((usage.quantity for usage in usages), Decimal(0)), taken, usages, charge)


def _text(value: Any) -> str | None:
    """A property as PostgreSQL writes it."""
    return value if value is None or isinstance(value, str) else json.dumps(value)


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
