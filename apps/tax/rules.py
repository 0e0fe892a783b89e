"""The arithmetic of tax: rounded once per group, shared over the lines by largest remainder.

A group is what shares jurisdiction, rate, category and reason; this is EN 16931's rule. An inclusive line's amount is
gross and stays what the customer pays: its net is what the tax leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from apps.kernel.money import Exact, rounded, settle

STANDARD = "standard"
"""The category of everything that has no tax code of its own."""

HUNDRED = 100


class Behavior(StrEnum):
    """Whether a price holds its tax."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


class Reason(StrEnum):
    """Why no tax is charged."""

    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse_charge"
    NOT_REGISTERED = "not_registered"


@dataclass(frozen=True)
class AppliedRate:
    """A rate in percent as it was found for a line. A line that reverses another carries that one's."""

    jurisdiction: str
    name: str
    rate: Decimal
    category: str = STANDARD
    reason: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= HUNDRED:
            raise ValueError(f"a tax rate is 0 to 100 percent, not {self.rate}")
        if self.reason and self.rate:
            raise ValueError("a line with a reason for no tax carries rate 0")


@dataclass(frozen=True)
class TaxableLine:
    """What is taxed: `amount` after discount, net if exclusive, gross if inclusive; negative for a credit."""

    amount: int
    category: str = STANDARD
    behavior: str = Behavior.EXCLUSIVE
    carried: AppliedRate | None = None


@dataclass(frozen=True)
class LineTax:
    """One line's part: net + tax is what the customer pays for it."""

    net: int
    tax: int
    applied: AppliedRate


@dataclass(frozen=True)
class GroupTax:
    """One row of the breakdown."""

    jurisdiction: str
    name: str
    rate: Decimal
    category: str
    taxable_amount: int
    amount: int
    reason: str


@dataclass(frozen=True)
class Quote:
    """The tax of one document: lines in the order asked, groups in the order first met."""

    lines: tuple[LineTax, ...]
    groups: tuple[GroupTax, ...]

    @property
    def tax(self) -> int:
        """All tax of the document."""
        return sum(group.amount for group in self.groups)


def compute(lines: Sequence[TaxableLine], applied: Sequence[AppliedRate]) -> Quote:
    """Tax `lines`, line by line under `applied`; a line's own `carried` rate goes before it."""
    rates = [line.carried or found for line, found in zip(lines, applied, strict=True)]
    members: dict[tuple[str, Decimal, str, str], list[int]] = {}
    for index, rate in enumerate(rates):
        members.setdefault((rate.jurisdiction, rate.rate, rate.category, rate.reason), []).append(index)
    results: list[LineTax | None] = [None] * len(lines)
    groups = []
    for indexes in members.values():
        rate = rates[indexes[0]]
        exact = [exact_tax(lines[index], rate.rate) for index in indexes]
        amount = rounded(sum(exact, Fraction(0)))
        taxable = 0
        for index, tax in zip(indexes, _shared(amount, exact), strict=True):
            line = lines[index]
            net = line.amount - tax if line.behavior == Behavior.INCLUSIVE else line.amount
            taxable += net
            results[index] = LineTax(net, tax, rates[index])
        groups.append(GroupTax(rate.jurisdiction, rate.name, rate.rate, rate.category, taxable, amount, rate.reason))
    return Quote(tuple(result for result in results if result is not None), tuple(groups))


def exact_tax(line: TaxableLine, rate: Decimal) -> Fraction:
    """A line's tax before rounding."""
    percent = _exact(rate)
    if line.behavior == Behavior.INCLUSIVE:
        return line.amount * percent / (HUNDRED + percent)
    return line.amount * percent / HUNDRED


@lru_cache(maxsize=256)
def _exact(rate: Decimal) -> Fraction:
    """There are few rates and many lines."""
    return Fraction(rate)


def net_of(gross: int, rate: Decimal) -> int:
    """The net of a gross amount alone, rounded: what a discount on an inclusive price takes off the net."""
    return rounded(Fraction(gross) * HUNDRED / (HUNDRED + Fraction(rate)))


def _shared(total: int, exact: Sequence[Exact]) -> list[int]:
    """Share by largest remainder so that the opposite lines get exactly the opposite tax."""
    # Where the total is 0 the first share decides: else a tie would fall to another line than in the opposite.
    if next((share for share in (total, *exact) if share), 0) < 0:
        return [-part for part in settle(-total, [-Fraction(share) for share in exact])]
    return settle(total, exact)
