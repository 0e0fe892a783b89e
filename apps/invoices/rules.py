"""What an invoice is made of and how its figures come about: subtotal - discount + tax = total. No database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from apps.kernel.errors import Invalid
from apps.kernel.money import bounded, rounded
from apps.kernel.periods import Period
from apps.tax.rules import STANDARD, AppliedRate, Behavior, GroupTax, LineTax, Quote, TaxableLine, net_of


class Status(StrEnum):
    """Where an invoice stands. Only a DRAFT may still change."""

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    PAID = "PAID"
    VOID = "VOID"


TRANSITIONS: Mapping[Status, tuple[Status, ...]] = {
    Status.DRAFT: (Status.OPEN, Status.PAID, Status.VOID),
    Status.OPEN: (Status.PAID, Status.VOID),
    Status.PAID: (Status.OPEN, Status.VOID),
    Status.VOID: (),
}


class Kind(StrEnum):
    """What brought an invoice about."""

    SUBSCRIPTION = "subscription"
    PRORATION = "proration"
    SUPPLEMENTAL = "supplemental"
    ONE_OFF = "one_off"
    CORRECTION = "correction"


class LineKind(StrEnum):
    """What a line charges or credits."""

    RECURRING = "recurring"
    PRORATION_CREDIT = "proration_credit"
    PRORATION_CHARGE = "proration_charge"
    USAGE = "usage"
    MINIMUM = "minimum"
    ONE_OFF = "one_off"
    TAX_CORRECTION = "tax_correction"
    CREDIT_TO_BALANCE = "credit_to_balance"


DEFERRED = frozenset({LineKind.RECURRING, LineKind.PRORATION_CREDIT, LineKind.PRORATION_CHARGE})
"""Kinds that are earned day by day of their period; the others are revenue at once."""

CREDIT_TO_BALANCE = "Credit to your balance"
UNTAXED = AppliedRate("", "", Decimal(0), "untaxed")
"""What the line to the balance carries: it moves money that was taxed before."""


class SettlementKind(StrEnum):
    """What moved an invoice's balance."""

    PAYMENT = "payment"
    REFUND = "refund"
    CHARGEBACK = "chargeback"
    CHARGEBACK_REVERSAL = "chargeback_reversal"
    CREDIT = "credit"
    CREDIT_RETURN = "credit_return"
    PAYMENT_RETURN = "payment_return"
    CREDIT_NOTE = "credit_note"
    WRITE_OFF = "write_off"
    WRITE_OFF_REVERSAL = "write_off_reversal"


class Open(NamedTuple):
    """What is left to pay of an open invoice, in minor units."""

    account_id: UUID
    invoice_id: UUID
    balance: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """A charge on its way to becoming a line. `amount` is before `discount_amount` and, if inclusive, gross.

    `plan_version` is the plan's version number as the API shows it; what else the line came from is in `source` (ids of
    plan, plan version, price...). `period` holds local dates; `instants` overrides the midnights it begins and ends at,
    for a period whose end was fixed in an earlier time zone. `id`: the line's, where the caller has to know it before.
    """

    kind: LineKind
    description: str
    amount: int
    subscription_id: UUID | None = None
    plan_version: int | None = None
    period: Period | None = None
    instants: tuple[datetime, datetime] | None = None
    quantity: Decimal = Decimal(1)
    unit_amount: Decimal | None = None
    discount_amount: int = 0
    tax_category: str = STANDARD
    tax_behavior: str = Behavior.EXCLUSIVE
    carried: AppliedRate | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    breakdown: Sequence[Mapping[str, Any]] | None = None
    id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class DraftInvoice:
    """An invoice to be issued. `subscription_id` is None where it holds lines of several.

    `reduces`: the invoices that charged what this one credits, newest first. If its lines come to less than zero, what
    is left goes to their open balances, in this order; only the rest becomes the account's credit.
    `replaces_id`: the void invoice in whose place it comes. `id`: where the caller has to know it before.
    """

    account_id: UUID
    kind: Kind
    currency: str
    lines: Sequence[DraftLine]
    subscription_id: UUID | None = None
    reduces: Sequence[UUID] = ()
    replaces_id: UUID | None = None
    id: UUID | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """A line's own figures, net: amount - discount is what was taxed."""

    amount: int
    discount_amount: int
    tax_amount: int
    applied: AppliedRate


@dataclass(frozen=True)
class Sums:
    """The figures of a whole invoice and of its lines, in order."""

    subtotal: int
    discount: int
    tax: int
    total: int
    lines: tuple[Figures, ...]
    groups: tuple[GroupTax, ...]
    deferred: int
    """Net of the lines that are earned over their period."""
    earned: int
    """Net of the others, but for:"""
    credit: int
    """What the line `credit_to_balance` holds."""


@dataclass(frozen=True)
class Issued:
    """One invoice that now exists, in the order of the drafts."""

    invoice_id: UUID
    number: str
    status: Status
    total: int
    line_ids: tuple[UUID, ...]


GIVEN_BACK = (
    SettlementKind.REFUND,
    SettlementKind.CHARGEBACK,
    SettlementKind.CREDIT_RETURN,
    SettlementKind.PAYMENT_RETURN,
    SettlementKind.WRITE_OFF_REVERSAL,
)
"""Settlements that are 0 or less: the balance grows by them."""


def one_off_amount(quantity: Decimal, unit_amount: Decimal) -> int:
    """What a sale comes to: quantity x unit amount, rounded once. Errors: amount_too_large."""
    return bounded(rounded(Fraction(quantity) * Fraction(unit_amount)), what="line")


def taxable(draft: DraftInvoice) -> tuple[TaxableLine, ...]:
    """What tax is asked for."""
    return tuple(
        TaxableLine(line.amount - line.discount_amount, line.tax_category, line.tax_behavior, line.carried)
        for line in draft.lines
    )


def balanced(draft: DraftInvoice, quote: Quote) -> tuple[DraftInvoice, Quote]:
    """The same, or, where it comes to less than zero, with a last line that holds all that is left, tax included.

    That line is not taxed itself; with it the total is 0. A one-off invoice is no way to grant credit: it stays as is.
    """
    total = sum(line.net for line in quote.lines) + quote.tax
    if total >= 0 or draft.kind is Kind.ONE_OFF:
        return draft, quote
    left = DraftLine(
        kind=LineKind.CREDIT_TO_BALANCE,
        description=CREDIT_TO_BALANCE,
        amount=bounded(-total, what="credit to balance"),
        subscription_id=draft.subscription_id,
        unit_amount=Decimal(-total),
        carried=UNTAXED,
    )
    return replace(draft, lines=(*draft.lines, left)), replace(quote, lines=(*quote.lines, LineTax(-total, 0, UNTAXED)))


def sums(draft: DraftInvoice, quote: Quote) -> Sums:
    """The figures of `draft` with the tax that was quoted for it. Refuses amounts no invoice may hold."""
    figures = tuple(
        _figures(line, tax.net, tax.tax, tax.applied) for line, tax in zip(draft.lines, quote.lines, strict=True)
    )
    deferred = sum(
        one.amount - one.discount_amount
        for line, one in zip(draft.lines, figures, strict=True)
        if line.kind in DEFERRED
    )
    subtotal = sum(one.amount for one in figures)
    discount = sum(one.discount_amount for one in figures)
    tax = quote.tax
    total = bounded(subtotal - discount + tax, what="invoice total")
    bounded(subtotal, what="invoice subtotal")
    if total < 0:
        raise Invalid(
            "total_negative",
            f"The invoice would come to {total} {draft.currency}: below zero.",
            hint="Credit at most what the same invoice charges, or grant credit with POST /v1/credits.",
        )
    credit = sum(line.amount for line in draft.lines if line.kind is LineKind.CREDIT_TO_BALANCE)
    earned = subtotal - discount - deferred - credit
    return Sums(subtotal, discount, tax, total, figures, quote.groups, deferred, earned, credit)


def due_date(issue_date: date, net_terms_days: int) -> date:
    """The day by which an invoice is to be paid."""
    return issue_date + timedelta(days=net_terms_days)


def series_of(prefix: str, issue_date: date) -> str:
    """The series a number is taken from: one per prefix and year, without gaps."""
    return f"{prefix}-{issue_date.year:04d}"


def number_of(series: str, sequence: int) -> str:
    """The n-th number of a series: INV-2026-000001."""
    return f"{series}-{sequence:06d}"


def _figures(line: DraftLine, net: int, tax: int, applied: AppliedRate) -> Figures:
    bounded(line.amount, what="line amount")
    if line.tax_behavior == Behavior.INCLUSIVE:
        discount = net_of(line.discount_amount, applied.rate)
        return Figures(net + discount, discount, tax, applied)
    return Figures(line.amount, line.discount_amount, tax, applied)
