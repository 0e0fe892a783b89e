"""Invoices on their way into the tables: one API object each, and the tuples that COPY takes. Writes nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from apps.accounts.models import Account
from apps.credits.actions.record import NewUse
from apps.invoices.links import invoice_link
from apps.invoices.objects import BillToObject, InvoiceObject, LineObject, TaxBreakdownObject, invoice_url, plain
from apps.invoices.rules import DraftInvoice, DraftLine, Figures, SettlementKind, Status, Sums
from apps.kernel.ids import uuid7
from apps.kernel.periods import midnight
from apps.rest.objects import encode

Row = tuple[object, ...]

INVOICE = (
    "id", "created_at", "updated_at", "version", "number", "account_id", "subscription_id", "kind", "status",
    "currency", "subtotal", "discount", "tax", "total", "issue_date", "due_date", "paid_at", "void_reason",
    "requires_review", "replaces_id", "bill_to", "metadata",
)  # fmt: skip
LINE = (
    "id", "invoice_id", "position", "kind", "subscription_id", "plan_version", "description", "service_days",
    "period_start", "period_end", "quantity", "unit_amount", "amount", "discount_amount", "tax_behavior",
    "tax_jurisdiction", "tax_name", "tax_category", "tax_rate", "tax_reason", "tax_amount", "breakdown", "source",
)  # fmt: skip
SETTLEMENT = ("id", "created_at", "invoice_id", "kind", "source_id", "amount", "excess", "at")
TAX_LINE = (
    "invoice_id", "position", "jurisdiction", "name", "category", "rate", "taxable_amount", "amount", "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ready:
    """An invoice that lacks nothing but its number."""

    draft: DraftInvoice
    sums: Sums
    at: datetime
    series: str
    object: InvoiceObject


def draft_object(
    draft: DraftInvoice, sums: Sums, payer: Account, *, issue_date: date, due_date: date, at: datetime, now: datetime
) -> InvoiceObject:
    """The invoice as it will be, but for its number. A total of 0 is paid at once."""
    invoice_id: UUID = draft.id or uuid7()
    free = sums.total == 0
    return InvoiceObject(
        id=invoice_id,
        number=None,
        account_id=payer.pk,
        subscription_id=draft.subscription_id,
        kind=draft.kind,
        status=Status.PAID if free else Status.OPEN,
        currency=draft.currency,
        subtotal=sums.subtotal,
        discount=sums.discount,
        tax=sums.tax,
        total=sums.total,
        credits_applied=0,
        amount_paid=0,
        balance=sums.total,
        issue_date=issue_date,
        due_date=due_date,
        paid_at=at if free else None,
        voided_at=None,
        void_reason=None,
        replaces_id=draft.replaces_id,
        hosted_url=invoice_link(invoice_id, at=now),
        bill_to=BillToObject(
            name=payer.name,
            email=payer.email,
            address=payer.address,
            country=payer.country,
            tax_id=payer.tax_id or None,
            purchase_order=payer.purchase_order or None,
            buyer_reference=payer.buyer_reference or None,
        ),
        lines=[
            _line_object(line, figures, payer.timezone) for line, figures in zip(draft.lines, sums.lines, strict=True)
        ],
        tax_breakdown=[
            TaxBreakdownObject(
                jurisdiction=group.jurisdiction,
                name=group.name,
                rate=plain(group.rate),
                category=group.category,
                taxable_amount=group.taxable_amount,
                amount=group.amount,
                reason=group.reason or None,
            )
            for group in sums.groups
        ],
        requires_review=False,
        metadata=dict(draft.metadata),
        created_at=now,
        updated_at=now,
        url=invoice_url(invoice_id),
    )


def credited(document: InvoiceObject, amount: int, *, at: datetime) -> InvoiceObject:
    """The invoice once credit has paid `amount` of it: paid at once if that is all."""
    left = document.balance - amount
    return msgspec.structs.replace(
        document,
        credits_applied=document.credits_applied + amount,
        balance=left,
        status=document.status if left else Status.PAID,
        paid_at=document.paid_at if left else at,
    )


def invoice(document: InvoiceObject) -> Row:
    """The row of INVOICE."""
    return (
        document.id, document.created_at, document.updated_at, 1, document.number, document.account_id,
        document.subscription_id, document.kind.value, document.status.value, document.currency,
        document.subtotal, document.discount, document.tax, document.total, document.issue_date, document.due_date,
        document.paid_at, "", document.requires_review, document.replaces_id,
        _json(document.bill_to), _json(document.metadata),
    )  # fmt: skip


def lines(draft: DraftInvoice, sums: Sums, document: InvoiceObject) -> Iterator[Row]:
    """The rows of LINE."""
    parts = zip(draft.lines, sums.lines, document.lines, strict=True)
    for position, (line, figures, shown) in enumerate(parts, start=1):
        applied = figures.applied
        yield (
            shown.id, document.id, position, shown.kind.value, shown.subscription_id, shown.plan_version,
            shown.description, line.period and f"[{line.period.start},{line.period.end})",
            shown.period_start, shown.period_end, shown.quantity, shown.unit_amount, shown.amount,
            shown.discount_amount, str(line.tax_behavior), applied.jurisdiction, applied.name, applied.category,
            applied.rate, str(applied.reason), shown.tax_amount,
            None if shown.breakdown is None else _json(shown.breakdown), _json(line.source),
        )  # fmt: skip


def tax_lines(sums: Sums, document: InvoiceObject) -> Iterator[Row]:
    """The rows of TAX_LINE."""
    for position, group in enumerate(sums.groups, start=1):
        yield (
            document.id, position, group.jurisdiction, group.name, group.category, group.rate, group.taxable_amount,
            group.amount, str(group.reason),
        )  # fmt: skip


def settlements(uses: Iterable[NewUse], *, now: datetime) -> Iterator[Row]:
    """The rows of SETTLEMENT: what each use of credit takes off its invoice."""
    for use in uses:
        yield uuid7(), now, use.invoice_id, SettlementKind.CREDIT.value, use.id, use.amount, 0, use.at


def _line_object(line: DraftLine, figures: Figures, timezone: str) -> LineObject:
    start, end = _instants(line, timezone)
    return LineObject(
        id=line.id or uuid7(),
        kind=line.kind,
        subscription_id=line.subscription_id,
        plan_version=line.plan_version,
        description=line.description,
        period_start=start,
        period_end=end,
        quantity=_exact(line.quantity),
        unit_amount=None if line.unit_amount is None else _exact(line.unit_amount),
        amount=figures.amount,
        discount_amount=figures.discount_amount,
        tax_rate=plain(figures.applied.rate),
        tax_amount=figures.tax_amount,
        breakdown=None if line.breakdown is None else [dict(part) for part in line.breakdown],
    )


def _instants(line: DraftLine, timezone: str) -> tuple[datetime | None, datetime | None]:
    if line.instants is not None:
        return line.instants
    if line.period is None:
        return None, None
    return midnight(line.period.start, timezone), midnight(line.period.end, timezone)


def _exact(value: Decimal) -> Decimal:
    """As the table stores it: 12 digits after the point."""
    return plain(round(value, 12))


def _json(value: Any) -> str:
    return encode(value).decode()
