"""The invoice as the API answers with it and events carry it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.invoices.links import invoice_links
from apps.invoices.models import Invoice, Line, TaxLine
from apps.invoices.queries import Balance, balances, lines_of, tax_lines_of
from apps.invoices.rules import Kind, LineKind, Status
from apps.kernel import clock
from apps.rest.objects import ApiObject


class LineObject(ApiObject, kw_only=True, frozen=True):
    """One charge or credit, net of tax. `period_start` and `period_end` are the instants of local midnights."""

    id: UUID
    kind: LineKind
    subscription_id: UUID | None
    plan_version: int | None
    description: str
    period_start: datetime | None
    period_end: datetime | None
    quantity: Decimal
    unit_amount: Decimal | None
    amount: int
    discount_amount: int
    tax_rate: Decimal
    tax_amount: int
    breakdown: Any


class TaxBreakdownObject(ApiObject, kw_only=True, frozen=True):
    """The tax of one jurisdiction, rate and category; `reason` says why there is none."""

    jurisdiction: str
    name: str
    rate: Decimal
    category: str
    taxable_amount: int
    amount: int
    reason: str | None


class BillToObject(ApiObject, kw_only=True, frozen=True):
    """Who was billed, as the account stood on the day of issue."""

    name: str
    email: str
    address: dict[str, Any]
    country: str
    tax_id: str | None
    purchase_order: str | None
    buyer_reference: str | None


class InvoiceObject(ApiObject, kw_only=True, frozen=True):
    """What an account owes. Amounts are minor units of `currency`; subtotal - discount + tax = total.

    `hosted_url`: where the customer reads and pays it, without a login; whoever has the link can. None of a draft.
    """

    id: UUID
    number: str | None
    account_id: UUID
    subscription_id: UUID | None
    kind: Kind
    status: Status
    currency: str
    subtotal: int
    discount: int
    tax: int
    total: int
    credits_applied: int
    amount_paid: int
    balance: int
    issue_date: date | None
    due_date: date | None
    paid_at: datetime | None
    voided_at: datetime | None
    void_reason: str | None
    replaces_id: UUID | None
    hosted_url: str | None
    bill_to: BillToObject | None
    lines: list[LineObject]
    tax_breakdown: list[TaxBreakdownObject]
    requires_review: bool
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    url: str


def plain(value: Decimal) -> Decimal:
    """A decimal without trailing zeros or exponent: what was stored as 1.000000000000 is shown as 1."""
    short = value.normalize()
    return (
        short.quantize(Decimal(1)) if isinstance(exponent := short.as_tuple().exponent, int) and exponent > 0 else short
    )


def invoice_url(invoice_id: UUID) -> str:
    """Where the API shows it."""
    return f"/v1/invoices/{invoice_id}"


def invoice_objects(invoices: Sequence[Invoice]) -> list[InvoiceObject]:
    """The objects of these invoices, in their order: three queries, however many there are."""
    ids = [invoice.pk for invoice in invoices]
    lines: dict[UUID, list[LineObject]] = {}
    for line in lines_of(ids):
        lines.setdefault(line.invoice_id, []).append(_line(line))
    taxes: dict[UUID, list[TaxBreakdownObject]] = {}
    for tax_line in tax_lines_of(ids):
        taxes.setdefault(tax_line.invoice_id, []).append(_tax_line(tax_line))
    settled, link = balances(ids), invoice_links(at=clock.wall())
    return [
        _invoice(invoice, lines.get(invoice.pk, []), taxes.get(invoice.pk, []), settled[invoice.pk], link)
        for invoice in invoices
    ]


def _invoice(
    invoice: Invoice,
    lines: list[LineObject],
    taxes: list[TaxBreakdownObject],
    balance: Balance,
    link: Callable[[UUID], str],
) -> InvoiceObject:
    return InvoiceObject(
        id=invoice.pk,
        number=invoice.number,
        account_id=invoice.account_id,
        subscription_id=invoice.subscription_id,
        kind=Kind(invoice.kind),
        status=Status(invoice.status),
        currency=invoice.currency,
        subtotal=invoice.subtotal,
        discount=invoice.discount,
        tax=invoice.tax,
        total=invoice.total,
        credits_applied=balance.credits_applied,
        amount_paid=balance.amount_paid,
        balance=balance.balance,
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        paid_at=invoice.paid_at,
        voided_at=invoice.voided_at,
        void_reason=invoice.void_reason or None,
        replaces_id=invoice.replaces_id,
        hosted_url=None if invoice.status == Status.DRAFT else link(invoice.pk),
        bill_to=BillToObject(**invoice.bill_to) if invoice.bill_to else None,
        lines=lines,
        tax_breakdown=taxes,
        requires_review=invoice.requires_review,
        metadata=invoice.metadata,
        created_at=invoice.created_at,
        updated_at=invoice.updated_at,
        url=invoice_url(invoice.pk),
    )


def _line(line: Line) -> LineObject:
    return LineObject(
        id=line.pk,
        kind=LineKind(line.kind),
        subscription_id=line.subscription_id,
        plan_version=line.plan_version,
        description=line.description,
        period_start=line.period_start,
        period_end=line.period_end,
        quantity=plain(line.quantity),
        unit_amount=None if line.unit_amount is None else plain(line.unit_amount),
        amount=line.amount,
        discount_amount=line.discount_amount,
        tax_rate=plain(line.tax_rate),
        tax_amount=line.tax_amount,
        breakdown=line.breakdown,
    )


def _tax_line(row: TaxLine) -> TaxBreakdownObject:
    return TaxBreakdownObject(
        jurisdiction=row.jurisdiction,
        name=row.name,
        rate=plain(row.rate),
        category=row.category,
        taxable_amount=row.taxable_amount,
        amount=row.amount,
        reason=row.reason or None,
    )
