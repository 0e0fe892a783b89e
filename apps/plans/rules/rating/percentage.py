"""Percentages of a summed value, in minor units: of one rate, or of a rate per tier; with a fee for each event."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from apps.plans.rules.charges import Charge, ChargePrice, Tier
from apps.plans.rules.rating.usage import HUNDRED, Exact, Kind, Usage, entered, flat


def parts(charge: Charge, tiers: Sequence[Tier], usage: Usage) -> Iterator[Exact]:
    """Tier by tier of the sum; the price of a part is its rate in percent."""
    for tier, above, value in entered(tiers, usage.quantity):
        yield from flat(tier, above)
        amount = Fraction(value) * Fraction(tier.rate_percent) / HUNDRED
        yield Exact(Kind.TIER, value, tier.rate_percent, amount, above, tier.up_to)


def fees(price: ChargePrice, usage: Usage) -> Iterator[Exact]:
    """A fee for each event."""
    if price.fee_per_event and usage.events:
        amount = usage.events * Fraction(price.fee_per_event)
        yield Exact(Kind.FEE, Decimal(usage.events), price.fee_per_event, amount)


def bounded(price: ChargePrice, usage: Usage) -> Iterator[Exact]:
    """One rate where each event, its fee included, costs no less and no more than so much."""
    if sum(usage.values.values()) != usage.events:
        raise ValueError("events with bounds of their own are rated by their values")
    (tier,) = price.tiers
    total = Fraction(0)
    for value, count in usage.values.items():
        one = Fraction(value) * Fraction(tier.rate_percent) / HUNDRED + Fraction(price.fee_per_event)
        if price.per_event_minimum is not None:
            one = max(one, Fraction(price.per_event_minimum))
        if price.per_event_maximum is not None:
            one = min(one, Fraction(price.per_event_maximum))
        total += count * one
    if usage.events:
        yield from flat(tier, Decimal(0))
        yield Exact(Kind.TIER, usage.quantity, tier.rate_percent, total)
