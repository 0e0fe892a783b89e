"""Package: whole packages, a started one counts; a tier's packages are counted from where the tier begins."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from apps.plans.rules.charges import Charge, Tier
from apps.plans.rules.rating.usage import Exact, Kind, Usage, entered, flat


def parts(charge: Charge, tiers: Sequence[Tier], usage: Usage) -> Iterator[Exact]:
    """Tier by tier; a part's quantity is packages."""
    for tier, above, units in entered(tiers, usage.quantity):
        yield from flat(tier, above)
        size = tier.package_size or charge.package_size
        if size is None:
            raise ValueError("a checked package has a size")
        packages = Decimal(-(-Fraction(units) // Fraction(size)))
        amount = Fraction(packages) * Fraction(tier.unit_price)
        yield Exact(Kind.TIER, packages, tier.unit_price, amount, above, tier.up_to)
