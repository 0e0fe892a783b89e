"""Graduated: each unit at the price of the tier that it lies in. One tier is a price per unit."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from apps.plans.rules.charges import Charge, Tier
from apps.plans.rules.rating.usage import Exact, Kind, Usage, entered, flat


def parts(charge: Charge, tiers: Sequence[Tier], usage: Usage) -> Iterator[Exact]:
    """Tier by tier, up to the one that the quantity ends in."""
    for tier, above, units in entered(tiers, usage.quantity):
        yield from flat(tier, above)
        amount = Fraction(units) * Fraction(tier.unit_price)
        yield Exact(Kind.TIER, units, tier.unit_price, amount, above, tier.up_to)
