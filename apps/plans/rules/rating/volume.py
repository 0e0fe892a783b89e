"""Volume: all units at the price of the tier that the whole quantity lies in."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from apps.plans.rules.charges import Charge, Tier
from apps.plans.rules.rating.usage import Exact, Kind, Usage, entered, flat


def parts(charge: Charge, tiers: Sequence[Tier], usage: Usage) -> Iterator[Exact]:
    """The last tier that is entered, for all of it."""
    reached = list(entered(tiers, usage.quantity))
    if not reached:
        return
    tier, above, _ = reached[-1]
    yield from flat(tier, above)
    amount = Fraction(usage.quantity) * Fraction(tier.unit_price)
    yield Exact(Kind.TIER, usage.quantity, tier.unit_price, amount, above, tier.up_to)
