"""What a plan costs, in words for people: amounts in major units, one line a tier. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from apps.kernel.currencies import CURRENCIES
from apps.kernel.money import Money
from apps.plans.rules import CapBehavior, Charge, ChargeModel, ChargePrice, Threshold, ThresholdKind, Tier
from apps.plans.rules.charges import RATES
from apps.plans.rules.reading import plain

MODELS: Mapping[ChargeModel, str] = {
    ChargeModel.PER_UNIT: "per unit",
    ChargeModel.GRADUATED: "graduated: each tier's price for what lies in it",
    ChargeModel.VOLUME: "volume: one tier's price for all",
    ChargeModel.PACKAGE: "packages, each started one in full",
    ChargeModel.PERCENTAGE: "percentage of the sum",
    ChargeModel.GRADUATED_PERCENTAGE: "graduated percentage of the sum",
}


def major(value: Decimal, currency: str) -> str:
    """Minor units, fractions of them too, as an amount: 0.5 USD -> 0.005 USD, 3000 -> 30.00."""
    exponent = CURRENCIES[currency].exponent
    if value == value.to_integral_value():
        return f"{Money(int(value), currency).major():,f} {currency}"
    return f"{plain(value.scaleb(-exponent))} {currency}"


def quantity(value: Decimal) -> str:
    """A number with its thousands apart."""
    whole, _, rest = plain(value).partition(".")
    return f"{int(whole):,}{'.' if rest else ''}{rest}"


def about(charge: Charge) -> str:
    """What is counted, and how it becomes an amount."""
    said = f"{charge.aggregation} of {charge.metric}".replace("_count of", " count of").replace("_", " ", 1)
    parts = [said if charge.aggregation != "sum" else charge.metric, MODELS[charge.model]]
    if charge.unique_by:
        parts.append(f"different values of {charge.unique_by}")
    for name, wanted in charge.filter.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        parts.append(f"only {name} {' or '.join(map(str, values))}")
    if charge.group_by:
        parts.append(f"a line for each {', '.join(charge.group_by)}")
    if charge.cap is not None:
        then = "above it refused" if charge.cap_behavior is CapBehavior.REJECT else "what is above it is billed too"
        parts.append(f"cap {quantity(charge.cap)}: {then}")
    if charge.thresholds:
        parts.append(f"announced at {', '.join(map(threshold_words, charge.thresholds))}")
    return "; ".join(parts)


def threshold_words(threshold: Threshold) -> str:
    """What is reached: 80 %, 1,000,000 or 500.00 USD."""
    if threshold.kind is ThresholdKind.PERCENT:
        return f"{plain(threshold.value)} %"
    return major(threshold.value, threshold.currency) if threshold.currency else quantity(threshold.value)


def price_lines(charge: Charge, currency: str) -> list[str]:
    """What the charge costs in one currency: a line a tier, then fees and bounds."""
    price = charge.prices[currency]
    lines, below = [], Decimal(0)
    for tier in price.tiers:
        amounts = charge.model in RATES
        bound = _bound(tier, below, currency if amounts else "")
        lines.append(f"{bound}{': ' if bound else ''}{_cost(charge, tier, currency)}")
        below = tier.up_to or below
    return [*lines, *_bounds(price, currency)]


def _bound(tier: Tier, below: Decimal, currency: str) -> str:
    def shown(value: Decimal) -> str:
        return major(value, currency) if currency else quantity(value)

    if tier.up_to is not None:
        return f"up to {shown(tier.up_to)}"
    return f"above {shown(below)}" if below else ""


def _cost(charge: Charge, tier: Tier, currency: str) -> str:
    parts = []
    if charge.model in RATES:
        parts.append(f"{plain(tier.rate_percent)} %")
    elif charge.model is ChargeModel.PACKAGE:
        size = tier.package_size or charge.package_size or Decimal(1)
        parts.append(f"{major(tier.unit_price, currency)} per {quantity(size)}")
    elif tier.unit_price or not tier.flat_price:
        parts.append(f"{major(tier.unit_price, currency)} each" if tier.unit_price else "free")
    if tier.flat_price:
        parts.append(f"{major(tier.flat_price, currency)} flat")
    return " + ".join(parts)


def _bounds(price: ChargePrice, currency: str) -> Iterator[str]:
    for words, value in (
        ("fee per event", price.fee_per_event or None),
        ("at least, per event", price.per_event_minimum),
        ("at most, per event", price.per_event_maximum),
        ("at least, per interval", price.minimum or None),
        ("at most, per interval", price.maximum),
    ):
        if value is not None:
            yield f"{words}: {major(Decimal(value), currency)}"
