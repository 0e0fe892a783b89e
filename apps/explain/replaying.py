"""The figures that the present code gives to a stored invoice's inputs: the rules that bill, called as billing does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.coupons.rules import Attached, Discountable, discounts
from apps.explain.rules import Difference, Invoice, Line
from apps.explain.rules.usage import metered
from apps.invoices.rules import DraftInvoice, DraftLine, Kind, LineKind, balanced, one_off_amount, sums, taxable
from apps.kernel.errors import DomainError
from apps.kernel.money import rounded
from apps.kernel.periods import Period
from apps.plans.rules.rating import rate
from apps.subscriptions.rules.proration import Priced, Stretch, releases
from apps.tax.rules import AppliedRate, Behavior, compute

NOBODY = UUID(int=0)
FIGURES = ("subtotal", "discount", "tax", "total")


def replayed(invoice: Invoice) -> Iterator[Difference]:
    """What the present code bills otherwise."""
    try:
        draft = DraftInvoice(
            account_id=NOBODY,
            kind=Kind(invoice.kind),
            currency=invoice.currency,
            lines=[_drafted(line, invoice.shared) for line in invoice.lines if line.kind != LineKind.CREDIT_TO_BALANCE],
        )
        asked = taxable(draft)
        whole, quote = balanced(draft, compute(asked, [line.carried for line in asked if line.carried]))
        now = sums(whole, quote)
    except (DomainError, ValueError) as error:
        yield Difference("", "invoice", "billed", f"refused: {error}")
        return
    for figure in FIGURES:
        if getattr(invoice, figure) != getattr(now, figure):
            yield Difference("", figure, getattr(invoice, figure), getattr(now, figure))
    for line in invoice.lines:
        yield from _parts(line, invoice.currency)
    if len(now.lines) != len(invoice.lines):
        yield Difference("", "lines", len(invoice.lines), len(now.lines))
        return
    for line, found in zip(invoice.lines, now.lines, strict=True):
        for figure in ("amount", "discount_amount", "tax_amount"):
            if getattr(line, figure) != getattr(found, figure):
                place = f"line {line.position} ({line.kind})"
                yield Difference(place, figure, getattr(line, figure), getattr(found, figure))


def _drafted(line: Line, shared: frozenset[str]) -> DraftLine:
    """The line as its verb would draw it up today."""
    amount, off = _billed(line, shared)
    return DraftLine(
        kind=LineKind(line.kind),
        description=line.description,
        amount=amount,
        discount_amount=off,
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        tax_category=line.category,
        tax_behavior=Behavior.INCLUSIVE if line.inclusive else Behavior.EXCLUSIVE,
        carried=AppliedRate(line.jurisdiction, line.tax_name, line.rate, line.category, line.reason),
    )


def _billed(line: Line, shared: frozenset[str]) -> tuple[int, int]:
    """Its amount and what comes off it, as the price says."""
    match line.kind:
        case LineKind.RECURRING | LineKind.PRORATION_CHARGE:
            priced = _priced(line)
            return _discounted(line, priced.amount(priced.days.days), shared)
        case LineKind.PRORATION_CREDIT:
            return _credited(line)
        case LineKind.USAGE | LineKind.MINIMUM:
            gross = metered(line)[0]
            return (gross, line.discount_amount) if gross < 0 else _discounted(line, gross, shared)
        case _:
            return _discounted(line, one_off_amount(line.quantity, line.unit_amount or Decimal(0)), shared)


def _parts(line: Line, currency: str) -> Iterator[Difference]:
    """What the price models make of the events of a metered line today, part by part; nothing of events long gone."""
    counted = line.counted
    if counted is None or counted.charge is None:
        return
    rated = rate(counted.charge, currency, counted.usages, maximum=line.source.get("maximum"))
    stored = [int(part["amount"]) for part in line.breakdown if part["kind"] != "billed_before"]
    if (found := [part.amount for part in rated.parts]) != stored:
        yield Difference(f"line {line.position} ({line.kind})", "breakdown", stored, found)


def _credited(line: Line) -> tuple[int, int]:
    """What giving back its days comes to, of the line that charged them."""
    if line.reverses is None or line.reverses.days is None or line.days is None:
        raise ValueError(f"line {line.position} reverses no line that charged days")
    charged, before = line.reverses, int(line.source.get("lost_before", 0))
    whole = _priced(charged)
    off = sum(int(part["amount"]) for part in charged.source.get("discounts", ()))
    priced = replace(whole, discount=off, noted=charged.noted)
    # The days that still stood then: the first of them, so many as were not lost before.
    stood = Period(priced.days.start, _day(priced.days.end, -before))
    cut = releases([Stretch(stood, priced)], since=_day(stood.end, -(line.days[1] - line.days[0]).days))
    return -cut[0].credit, -cut[0].discount


def _discounted(line: Line, gross: int, shared: frozenset[str]) -> tuple[int, int]:
    """The amount with its coupons: a percentage as it is agreed, an amount as it was used."""
    off = 0
    for part in line.source.get("discounts", ()):
        stored, percent = int(part["amount"]), line.percents.get(str(part.get("coupon")))
        taken = stored
        if percent is not None:
            (alone,) = discounts([Discountable(gross - off, NOBODY, "renewal")], [_coupon(percent)]).per_line
            # A part of a shared whole may be the next whole either way.
            taken = stored if abs(alone - stored) <= 1 and str(part.get("coupon")) in shared else alone
        off += taken
    return gross, off


def _coupon(percent: Decimal) -> Attached:
    return Attached(
        id=NOBODY, coupon_id=NOBODY, code="", percent_off=percent, amount_off=None, duration="forever",
        periods_left=None, amount_left=None, plan_ids=frozenset(),
    )  # fmt: skip


def _priced(line: Line) -> Priced:
    full: Any = line.source.get("full_period")
    if line.days is None or not full:
        raise ValueError(f"line {line.position} does not know its days")
    if line.unit_amount is None or line.unit_amount != rounded(line.unit_amount):
        raise ValueError(f"line {line.position} has no whole price")
    return Priced(
        line_id=line.id,
        unit_amount=int(line.unit_amount),
        quantity=int(line.quantity),
        days=Period(*line.days),
        full=Period(date.fromisoformat(full[0]), date.fromisoformat(full[1])),
    )


def _day(day: date, days: int) -> date:
    return date.fromordinal(day.toordinal() + days)
