"""Money: whole minor units of one currency, one rounding, and sharing that always adds up."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

from apps.kernel.currencies import currency
from apps.kernel.errors import Invalid

MAX_AMOUNT = 10**15
"""The largest line, total or posting, in minor units; above it everything is refused."""

Exact = int | Decimal | Fraction


def rounded(value: Exact) -> int:
    """Round half up, away from zero: the only rounding of money there is.

    A credit of an amount is so exactly the opposite of a charge of it: rounded(-x) == -rounded(x).
    """
    fraction = Fraction(value)
    whole = (2 * abs(fraction.numerator) + fraction.denominator) // (2 * fraction.denominator)
    return -whole if fraction < 0 else whole


def allocate(total: int, weights: Sequence[Exact]) -> list[int]:
    """Share `total` minor units in proportion to `weights`, by largest remainder.

    The parts sum to `total` exactly; each lies within one unit of its exact share; ties go to the earlier
    part. Weights are all of one sign (all >= 0 or all <= 0). When they sum to zero, `total` must be 0.
    """
    exact = [Fraction(weight) for weight in weights]
    if any(weight > 0 for weight in exact) and any(weight < 0 for weight in exact):
        raise ValueError("weights of both signs cannot be shared over")
    whole = sum(exact, Fraction(0))
    if whole == 0:
        if total:
            raise ValueError("nothing to share over: the weights sum to zero")
        return [0] * len(exact)
    return settle(total, [total * weight / whole for weight in exact])


def settle(total: int, shares: Sequence[Exact]) -> list[int]:
    """Turn exact `shares` into whole units that sum to `total`: floors first, the rest by largest remainder.

    `total` must lie within one unit per share of the exact sum, as it does when it is that sum rounded.
    """
    exact = [Fraction(share) for share in shares]
    parts = [share.numerator // share.denominator for share in exact]
    missing = total - sum(parts)
    if not 0 <= missing <= len(parts):
        raise ValueError("the total is not the sum of the shares, rounded")
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[:missing]:
        parts[index] += 1
    return parts


def bounded(amount: int, *, what: str = "amount") -> int:
    """`amount`, or a refusal when it is beyond what a line, total or posting may hold."""
    if abs(amount) > MAX_AMOUNT:
        raise Invalid(
            "amount_too_large",
            f"The {what} is {amount}, beyond {MAX_AMOUNT} minor units.",
            hint="Split it over several invoices, or check the price, the quantity and the currency's minor unit.",
        )
    return amount


@dataclass(frozen=True, order=False)
class Money:
    """An amount in minor units of an ISO 4217 currency. Never mixes currencies, never a float."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"money is whole minor units, not {type(self.amount).__name__}")
        currency(self.currency)
        bounded(self.amount)

    def __add__(self, other: Self) -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Self) -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Self) -> bool:
        return self.amount <= self._same(other)

    def times(self, factor: Exact) -> "Money":
        """This amount times an exact factor, rounded once."""
        return Money(rounded(self.amount * Fraction(factor)), self.currency)

    def major(self) -> Decimal:
        """The amount in major units with the currency's digits: 4900 USD -> 49.00."""
        return Decimal(self.amount).scaleb(-currency(self.currency).exponent)

    def __str__(self) -> str:
        return f"{self.major():f} {self.currency}"

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be mixed")
        return other.amount
