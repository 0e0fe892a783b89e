"""The one way from usage to an amount."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from apps.kernel.money import bounded as within_limits
from apps.kernel.money import rounded, settle
from apps.plans.rules.charges import RATES, Charge, ChargeModel, ChargePrice, Tier
from apps.plans.rules.rating import graduated, package, percentage, volume
from apps.plans.rules.rating.usage import Exact, Kind, Part, Rated, Usage

WHOLE = Fraction(1)
Model = Callable[[Charge, Sequence[Tier], Usage], Iterator[Exact]]
MODELS: Mapping[ChargeModel, Model] = {
    ChargeModel.PER_UNIT: graduated.parts,
    ChargeModel.GRADUATED: graduated.parts,
    ChargeModel.VOLUME: volume.parts,
    ChargeModel.PACKAGE: package.parts,
    ChargeModel.PERCENTAGE: percentage.parts,
    ChargeModel.GRADUATED_PERCENTAGE: percentage.parts,
}


def rate(charge: Charge, currency: str, usage: Usage, *, share: Fraction = WHOLE) -> Rated:
    """What this usage costs in `currency`, with the parts that it is made of; nothing where there is none.

    `share`: days of the segment / days of the period. It cuts the maximum, never tiers, free units or packages. A sum
    below zero, as of corrections, costs nothing. Errors: amount_too_large (422).
    """
    price = charge.prices[currency]
    parts = list(_parts(charge, price, usage))
    whole = sum((part.amount for part in parts), Fraction(0))
    if price.maximum is not None and whole > (most := rounded(price.maximum * share)):
        parts.append(Exact(Kind.MAXIMUM, Decimal(1), None, most - whole))
        whole = Fraction(most)
    amount = within_limits(rounded(whole), what="usage line")
    shares = settle(amount, [part.amount for part in parts])
    return Rated(
        amount,
        tuple(
            Part(part.kind, part.above, part.up_to, part.quantity, part.price, minor)
            for part, minor in zip(parts, shares, strict=True)
        ),
    )


def shortfall(minimum: int, billed: int, *, share: Fraction = WHOLE) -> int:
    """What is missing to a minimum or commitment for `share` of the period, in minor units; never below 0."""
    return max(0, rounded(minimum * share) - billed)


def _parts(charge: Charge, price: ChargePrice, usage: Usage) -> Iterator[Exact]:
    bounds = price.per_event_minimum is not None or price.per_event_maximum is not None
    if charge.model is ChargeModel.PERCENTAGE and bounds:
        yield from percentage.bounded(price, usage)
        return
    yield from MODELS[charge.model](charge, price.tiers, usage)
    if charge.model in RATES:
        yield from percentage.fees(price, usage)
