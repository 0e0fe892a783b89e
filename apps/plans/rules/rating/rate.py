"""The one way from usage to an amount."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from apps.kernel.money import bounded as within_limits
from apps.kernel.money import rounded, settle
from apps.plans.rules.charges import RATES, Charge, ChargeModel, ChargePrice, Tier
from apps.plans.rules.rating import graduated, package, percentage, volume
from apps.plans.rules.rating.usage import Exact, Kind, Part, Rated, Usage

Model = Callable[[Charge, Sequence[Tier], Usage], Iterator[Exact]]
MODELS: Mapping[ChargeModel, Model] = {
    ChargeModel.PER_UNIT: graduated.parts,
    ChargeModel.GRADUATED: graduated.parts,
    ChargeModel.VOLUME: volume.parts,
    ChargeModel.PACKAGE: package.parts,
    ChargeModel.PERCENTAGE: percentage.parts,
    ChargeModel.GRADUATED_PERCENTAGE: percentage.parts,
}


def rate(charge: Charge, currency: str, usages: Sequence[Usage], *, maximum: int | None = None) -> Rated:
    """What this usage costs in `currency`, all groups together, with the parts that it is made of.

    `maximum`: what it costs at most, as `prorated` cuts that of the price; tiers, free units and packages are never
    cut. A sum below zero, as of corrections, costs nothing. Errors: amount_too_large (422).
    """
    price = charge.prices[currency]
    parts = [(usage.group, part) for usage in usages for part in _parts(charge, price, usage)]
    whole = sum((part.amount for _, part in parts), Fraction(0))
    if maximum is not None and whole > maximum:
        parts.append(((), Exact(Kind.MAXIMUM, Decimal(1), None, maximum - whole)))
        whole = Fraction(maximum)
    amount = within_limits(rounded(whole), what="usage line")
    shares = settle(amount, [part.amount for _, part in parts])
    return Rated(
        amount,
        tuple(
            Part(part.kind, part.above, part.up_to, part.quantity, part.price, minor, group)
            for (group, part), minor in zip(parts, shares, strict=True)
        ),
    )


def prorated(amounts: Iterable[tuple[int, Fraction]]) -> int:
    """A minimum, maximum or commitment over some segments: each for its share of the period, rounded once."""
    return rounded(sum((amount * share for amount, share in amounts), Fraction(0)))


def _parts(charge: Charge, price: ChargePrice, usage: Usage) -> Iterator[Exact]:
    if charge.model is ChargeModel.PERCENTAGE and price.by_event:
        yield from percentage.bounded(price, usage)
        return
    yield from MODELS[charge.model](charge, price.tiers, usage)
    if charge.model in RATES:
        yield from percentage.fees(price, usage)
