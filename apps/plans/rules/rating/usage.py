"""What is rated, and what comes of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from apps.plans.rules.charges import Tier

HUNDRED = 100


@dataclass(frozen=True)
class Usage:
    """The usage of one charge, or of one group of it: each group has tiers, packages and free units of its own.

    `quantity`: as the charge aggregates it; for percentages the sum of the values, in minor units. `values`: value ->
    how many events had it; needed only where each event has a minimum or a maximum. `group`: the values of the
    properties that the charge groups by, in their order.
    """

    quantity: Decimal
    events: int
    values: Mapping[Decimal, int] = field(default_factory=dict)
    group: tuple[str | None, ...] = ()


class Kind(StrEnum):
    """What a part of the breakdown is."""

    TIER = "tier"
    FLAT = "flat"
    FEE = "fee"
    MAXIMUM = "maximum"
    BILLED_BEFORE = "billed_before"


@dataclass(frozen=True)
class Exact:
    """A part before it is rounded. `above`: the bound of the tier before; `up_to`: its own; None: no end."""

    kind: Kind
    quantity: Decimal
    price: Decimal | None
    amount: Fraction
    above: Decimal = Decimal(0)
    up_to: Decimal | None = None


@dataclass(frozen=True)
class Part:
    """A part of a line's amount, in minor units; the parts sum to the amount exactly."""

    kind: Kind
    above: Decimal
    up_to: Decimal | None
    quantity: Decimal
    price: Decimal | None
    amount: int
    group: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Rated:
    """Minor units, rounded once, after the maximum and before any minimum."""

    amount: int
    parts: tuple[Part, ...]


def entered(tiers: Sequence[Tier], quantity: Decimal) -> Iterator[tuple[Tier, Decimal, Decimal]]:
    """The tiers that `quantity` reaches: tier, the bound below it, and how much of it lies in the tier."""
    above = Decimal(0)
    for tier in tiers:
        if quantity <= above:
            return
        within = quantity if tier.up_to is None else min(quantity, tier.up_to)
        yield tier, above, within - above
        above = tier.up_to if tier.up_to is not None else quantity


def flat(tier: Tier, above: Decimal) -> Iterator[Exact]:
    """What entering the tier costs, if anything."""
    if tier.flat_price:
        yield Exact(Kind.FLAT, Decimal(1), tier.flat_price, Fraction(tier.flat_price), above, tier.up_to)
