"""The explanation as the API answers with it."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from apps.explain import words
from apps.explain.rules import Derived, DerivedLine, Invoice
from apps.invoices.objects import plain
from apps.invoices.queries import Balance
from apps.invoices.rules import LineKind
from apps.rest.objects import ApiObject


class DaysObject(ApiObject, kw_only=True, frozen=True):
    """What of a full period is charged or credited: `days` of `full_days`, after `before` that were credited before."""

    start: date | None
    end: date | None
    days: int
    full_days: int
    before: int


class DiscountObject(ApiObject, kw_only=True, frozen=True):
    """What a coupon took off, as the price says."""

    code: str
    amount: int


class LineTaxObject(ApiObject, kw_only=True, frozen=True):
    """A line's tax: its exact part before the group was rounded, and the whole that became its own."""

    jurisdiction: str
    name: str
    category: str
    rate: Decimal
    reason: str | None
    inclusive: bool
    exact: str
    amount: int


class ExplainedLineObject(ApiObject, kw_only=True, frozen=True):
    """A line derived: unit amount x quantity x days / full days, rounded once; less discounts; its tax.

    `events`: how many usage events a line of usage holds; `usage_url` lists them. Null for other lines.
    """

    id: UUID
    kind: str
    description: str
    plan_version: int | None
    unit_amount: Decimal | None
    catalogue_price: int | None
    quantity: Decimal
    days: DaysObject | None
    gross: int
    discounts: list[DiscountObject]
    amount: int
    discount_amount: int
    tax: LineTaxObject
    reverses_line_id: UUID | None
    events: int | None
    usage_url: str | None
    sentence: str


class TaxGroupObject(ApiObject, kw_only=True, frozen=True):
    """All lines of one jurisdiction, rate, category and reason: their tax is rounded once."""

    jurisdiction: str
    rate: Decimal
    category: str
    reason: str | None
    taxable_amount: int
    amount: int


class DifferenceObject(ApiObject, kw_only=True, frozen=True):
    """A stored figure that cannot be derived."""

    where: str
    figure: str
    stored: str
    derived: str


class ExplanationObject(ApiObject, kw_only=True, frozen=True):
    """An invoice derived from what is stored. `holds`: every stored figure is as derived, or `differences` says which.

    total - credits_applied - amount_paid and what else settled it = balance.
    """

    invoice_id: UUID
    number: str
    currency: str
    lines: list[ExplainedLineObject]
    tax_groups: list[TaxGroupObject]
    subtotal: int
    discount: int
    tax: int
    total: int
    credits_applied: int
    amount_paid: int
    balance: int
    sentence: str
    holds: bool
    differences: list[DifferenceObject]
    url: str


def explanation_object(derived: Derived, settled: Balance) -> ExplanationObject:
    """The explanation of a derived invoice."""
    return ExplanationObject(
        invoice_id=derived.invoice.id,
        number=derived.invoice.number,
        currency=derived.invoice.currency,
        lines=[_line(each, derived.invoice) for each in derived.lines],
        tax_groups=[
            TaxGroupObject(
                jurisdiction=group.jurisdiction,
                rate=plain(group.rate),
                category=group.category,
                reason=group.reason or None,
                taxable_amount=group.taxable_amount,
                amount=group.amount,
            )
            for group in derived.groups
        ],
        subtotal=derived.subtotal,
        discount=derived.discount,
        tax=derived.tax,
        total=derived.total,
        credits_applied=settled.credits_applied,
        amount_paid=settled.amount_paid,
        balance=settled.balance,
        sentence=words.of_invoice(derived),
        holds=not derived.differences,
        differences=[
            DifferenceObject(where=each.where, figure=each.figure, stored=str(each.stored), derived=str(each.derived))
            for each in derived.differences
        ],
        url=f"/v1/invoices/{derived.invoice.id}/explain",
    )


def _line(each: DerivedLine, invoice: Invoice) -> ExplainedLineObject:
    line, share = each.line, each.share
    metered = line.kind == LineKind.USAGE
    return ExplainedLineObject(
        id=line.id,
        kind=line.kind,
        description=line.description,
        plan_version=line.plan_version,
        unit_amount=None if line.unit_amount is None else plain(line.unit_amount),
        catalogue_price=line.price,
        quantity=plain(line.quantity),
        days=DaysObject(
            start=line.days[0] if line.days else None,
            end=line.days[1] if line.days else None,
            days=share.days,
            full_days=share.full_days,
            before=share.before,
        )
        if share
        else None,
        gross=each.gross,
        discounts=[DiscountObject(code=code, amount=taken) for code, _, taken in each.parts],
        amount=each.amount,
        discount_amount=each.discount,
        tax=LineTaxObject(
            jurisdiction=line.jurisdiction,
            name=line.tax_name,
            category=line.category,
            rate=plain(line.rate),
            reason=line.reason or None,
            inclusive=line.inclusive,
            exact=str(each.exact_tax),
            amount=each.tax,
        ),
        reverses_line_id=line.reverses.id if line.reverses else None,
        events=line.source["events"] if metered else None,
        usage_url=f"/v1/invoices/{invoice.id}/usage?line_id={line.id}" if metered else None,
        sentence=words.of_line(each, invoice.currency),
    )
