"""The derivation: each figure of an invoice from its stored inputs, by an arithmetic of its own.

Nothing here calls the rules that billed: what they got wrong would be wrong here too. Amounts are minor units.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from apps.explain.rules.stored import Difference, Group, Invoice, Line
from apps.explain.rules.usage import half_up, metered

HUNDRED = 100


@dataclass(frozen=True)
class Share:
    """Days of a full period: what of the price is charged."""

    days: int
    full_days: int
    before: int = 0
    """Days of the same line that were credited before."""


@dataclass
class DerivedLine:
    """A line with its figures derived. `gross` and `off` are as the price says: tax included where it is inclusive."""

    line: Line
    gross: int
    off: int
    share: Share | None = None
    tax: int = 0
    exact_tax: Fraction = Fraction(0)
    parts: list[tuple[str, int, int]] = field(default_factory=list)
    """Each coupon: its code, what it took as stored, and as derived."""

    @property
    def net(self) -> int:
        """What was taxed: net of discount and, where the price includes it, of tax."""
        return self.gross - self.off - (self.tax if self.line.inclusive else 0)

    @property
    def discount(self) -> int:
        """The discount as the line shows it: net."""
        if not self.line.inclusive:
            return self.off
        return half_up(Fraction(self.off * HUNDRED) / (HUNDRED + Fraction(self.line.rate)))

    @property
    def amount(self) -> int:
        """The amount as the line shows it: net, before the discount."""
        return self.net + self.discount


@dataclass
class Derived:
    """An invoice derived, and where that differs from what is stored."""

    invoice: Invoice
    lines: list[DerivedLine]
    groups: list[Group]
    differences: list[Difference]

    @property
    def subtotal(self) -> int:
        """Sum of the lines, before discounts."""
        return sum(each.amount for each in self.lines)

    @property
    def discount(self) -> int:
        """Sum of what coupons took off."""
        return sum(each.discount for each in self.lines)

    @property
    def tax(self) -> int:
        """Sum of the groups."""
        return sum(group.amount for group in self.groups)

    @property
    def total(self) -> int:
        """What is to be paid."""
        return self.subtotal - self.discount + self.tax


def derive(invoice: Invoice) -> Derived:
    """Every figure of `invoice`, and each that is stored otherwise."""
    found: list[Difference] = []
    lines = [_line(line, invoice.shared, found) for line in invoice.lines]
    groups = _taxed(lines)
    _balance(invoice, lines)
    derived = Derived(invoice, lines, groups, found)
    for each in lines:
        place = _place(each.line)
        _same(found, place, "amount", each.line.amount, each.amount)
        _same(found, place, "discount_amount", each.line.discount_amount, each.discount)
        _same(found, place, "tax_amount", each.line.tax_amount, each.tax)
        _rate(each.line, invoice.rates, found)
    _compare_groups(invoice.groups, groups, found)
    for figure in ("subtotal", "discount", "tax", "total"):
        _same(found, "", figure, getattr(invoice, figure), getattr(derived, figure))
    return derived


def price_of(line: Line, days: int, full_days: int) -> Fraction:
    """The exact price of so many days of a line's full period."""
    return Fraction(line.unit_amount or 0) * Fraction(line.quantity) * days / full_days


def _line(line: Line, shared: frozenset[str], found: list[Difference]) -> DerivedLine:
    if line.kind in ("recurring", "proration_charge", "proration_credit"):
        return _of_days(line, shared, found)
    if line.kind in ("usage", "minimum"):
        return _metered(line, shared, found)
    gross = half_up(Fraction(line.unit_amount or 0) * Fraction(line.quantity))
    derived = DerivedLine(line, gross, 0)
    return _discounted(derived, shared, found)


def _metered(line: Line, shared: frozenset[str], found: list[Difference]) -> DerivedLine:
    """Usage, or what is missing to a minimum; one that has come to less gives its discount back as it was taken."""
    gross, wrong = metered(line)
    found += [Difference(_place(line), *each) for each in wrong]
    if gross >= 0:
        return _discounted(DerivedLine(line, gross, 0), shared, found)
    return DerivedLine(line, gross, line.discount_amount)


def _of_days(line: Line, shared: frozenset[str], found: list[Difference]) -> DerivedLine:
    """A recurring price for some days, or the credit of days that another line charged."""
    place = _place(line)
    full_days = _length(line.source.get("full_period"))
    if not full_days or line.days is None:
        found.append(Difference(place, "full_period", line.source.get("full_period"), "the days of a full period"))
        return DerivedLine(line, line.amount, line.discount_amount)
    days = (line.days[1] - line.days[0]).days
    _same(found, place, "days", line.source.get("days"), days)
    if line.price is not None and line.unit_amount is not None:
        _same(found, place, "unit_amount", line.unit_amount, Decimal(line.price))
    if line.kind != "proration_credit":
        derived = DerivedLine(line, half_up(price_of(line, days, full_days)), 0, Share(days, full_days))
        _same(found, place, "gross", line.source.get("gross"), derived.gross)
        return _discounted(derived, shared, found)
    return _credit(line, days, full_days, found)


def _credit(line: Line, days: int, full_days: int, found: list[Difference]) -> DerivedLine:
    """The price of all days that the charging line has lost by now, less what it had lost before."""
    place, before = _place(line), int(line.source.get("lost_before", 0))
    share = Share(days, full_days, before)
    credit = half_up(price_of(line, before + days, full_days)) - half_up(price_of(line, before, full_days))
    charged = line.reverses
    if charged is None or charged.days is None:
        found.append(Difference(place, "reverses", line.source.get("reverses"), "a line that charged these days"))
        return DerivedLine(line, -credit, line.discount_amount, share)
    _same(found, place, "unit_amount", line.unit_amount, charged.unit_amount)
    _same(found, place, "quantity", line.quantity, charged.quantity)
    if not charged.waited:
        _same(found, place, "tax_rate", line.rate, charged.rate)
    whole = (charged.days[1] - charged.days[0]).days
    if before + days > whole:
        found.append(Difference(place, "days", before + days, f"at most {whole}"))
    off = _off(charged)
    full = half_up(price_of(charged, whole, full_days))

    def net(count: int) -> int:
        price = price_of(charged, count, full_days)
        return half_up(price * (full - off) / full if off and full else price)

    left = max(0, net(whole) - charged.noted - net(before))
    returned = min(net(before + days) - net(before), left)
    return DerivedLine(line, -credit, returned - credit, share)


def _off(line: Line) -> int:
    """What coupons took off a line, as the price says: tax included where it is inclusive."""
    return sum(int(part["amount"]) for part in line.source.get("discounts", ()))


def _discounted(derived: DerivedLine, shared: frozenset[str], found: list[Difference]) -> DerivedLine:
    """The line with its coupons: a percentage of what those before have left, or an amount as it was used."""
    left = derived.gross
    for part in derived.line.source.get("discounts", ()):
        stored = int(part["amount"])
        percent = derived.line.percents.get(str(part.get("coupon")))
        exact = Fraction(stored) if percent is None else left * Fraction(percent) / HUNDRED
        # A part of a shared whole may be the next whole either way.
        taken = stored if str(part.get("coupon")) in shared and abs(exact - stored) < 1 else half_up(exact)
        derived.parts.append((str(part.get("code", "")), stored, taken))
        _same(found, _place(derived.line), f"discount of {part.get('code')}", stored, taken)
        left -= taken
    derived.off = derived.gross - left
    if left < 0 <= derived.gross:
        found.append(Difference(_place(derived.line), "discount", derived.off, f"at most {derived.gross}"))
    return derived


def _taxed(lines: Sequence[DerivedLine]) -> list[Group]:
    """Tax, rounded once for each jurisdiction, rate, category and reason, shared by largest remainder."""
    members: dict[tuple[str, Decimal, str, str], list[DerivedLine]] = {}
    for each in lines:
        line = each.line
        if line.kind == "credit_to_balance":
            continue
        members.setdefault((line.jurisdiction, line.rate, line.category, line.reason), []).append(each)
        percent, paid = Fraction(line.rate), each.gross - each.off
        each.exact_tax = paid * percent / (HUNDRED + percent) if line.inclusive else paid * percent / HUNDRED
    groups = []
    for (jurisdiction, rate, category, reason), group in members.items():
        amount = half_up(sum((each.exact_tax for each in group), Fraction(0)))
        for each, part in zip(group, _shared(amount, [each.exact_tax for each in group]), strict=True):
            each.tax = part
        groups.append(
            Group(
                jurisdiction=jurisdiction,
                rate=rate,
                category=category,
                reason=reason,
                taxable_amount=sum(each.net for each in group),
                amount=amount,
            )
        )
    return groups


def _shared(total: int, exact: Sequence[Fraction]) -> list[int]:
    """Wholes that sum to `total`: the exact parts cut towards zero's side, the largest remainders one more.

    The opposite of it all gives the opposite parts, also where the total is 0 and remainders are equal.
    """
    sign = -1 if next((part for part in (Fraction(total), *exact) if part), Fraction(0)) < 0 else 1
    wanted = [sign * part for part in exact]
    parts = [part.numerator // part.denominator for part in wanted]
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - wanted[index], index))
    for index in order[: sign * total - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


def _balance(invoice: Invoice, lines: Sequence[DerivedLine]) -> None:
    """The line that moves to the account what all others come to below zero."""
    moved = [each for each in lines if each.line.kind == "credit_to_balance"]
    others = sum(each.net + each.tax for each in lines if each.line.kind != "credit_to_balance")
    for each in moved:
        each.gross, each.off = max(0, -others), 0


def _rate(line: Line, rates: Mapping[tuple[str, str], Decimal], found: list[Difference]) -> None:
    """The rate is the one in force that day, unless the line carries that of what it reverses."""
    credits = line.kind in ("usage", "minimum") and line.amount < 0
    if (line.reverses is not None and not line.reverses.waited) or credits or not line.rate:
        return
    known = rates.get((line.jurisdiction, line.category))
    if known is None or known != line.rate:
        there = "none known" if known is None else _plain(known)
        found.append(Difference(_place(line), "tax_rate", _plain(line.rate), there))


def _compare_groups(stored: Iterable[Group], derived: Sequence[Group], found: list[Difference]) -> None:
    held = {(group.jurisdiction, group.rate, group.category, group.reason): group for group in stored}
    for group in derived:
        place = f"tax {group.jurisdiction or '-'} {_plain(group.rate)} % {group.category}".strip()
        row = held.pop((group.jurisdiction, group.rate, group.category, group.reason), None)
        if row is None:
            if group.amount or group.taxable_amount:
                found.append(Difference(place, "tax line", "missing", group.amount))
            continue
        _same(found, place, "taxable_amount", row.taxable_amount, group.taxable_amount)
        _same(found, place, "amount", row.amount, group.amount)
    for row in held.values():
        if row.amount or row.taxable_amount:
            place = f"tax {row.jurisdiction or '-'} {_plain(row.rate)} % {row.category}"
            found.append(Difference(place, "tax line", row.amount, "none"))


def _same(found: list[Difference], where: str, figure: str, stored: object, derived: object) -> None:
    if stored != derived:
        shown = (_plain(each) if isinstance(each, Decimal) else each for each in (stored, derived))
        found.append(Difference(where, figure, *shown))


def _place(line: Line) -> str:
    return f"line {line.position} ({line.kind})"


def _length(period: object) -> int:
    """Days of [start, end) as it is stored."""
    if not isinstance(period, Sequence) or len(period) != 2:
        return 0
    return (date.fromisoformat(str(period[1])) - date.fromisoformat(str(period[0]))).days


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
