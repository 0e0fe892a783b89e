"""Metered charges: what is counted, and what it costs. The data and what makes it valid; rating is another matter.

Quantities, bounds of tiers, unit prices, rates and fees are decimals of the minor unit, written as strings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from apps.kernel.errors import Problem
from apps.plans.rules.filters import METRIC_LENGTH, read_filter, read_groups
from apps.plans.rules.reading import Member, Reading, amount, name, number, one_of, pointer
from apps.plans.rules.thresholds import Threshold, read_thresholds, threshold, threshold_problems
from apps.usage.rules.meters import Aggregation

MAX_CHARGES, MAX_TIERS = 50, 100
KEY_LENGTH = 64
RESERVED = "recurring"
"""What is billed days of a plan's price; a charge's key must be another, as its days are kept beside these."""


class ChargeModel(StrEnum):
    """How a quantity becomes an amount."""

    PER_UNIT = "per_unit"
    GRADUATED = "graduated"
    VOLUME = "volume"
    PACKAGE = "package"
    PERCENTAGE = "percentage"
    GRADUATED_PERCENTAGE = "graduated_percentage"


class CapBehavior(StrEnum):
    """What becomes of usage above the cap."""

    BILL = "bill"
    REJECT = "reject"


SINGLE = frozenset({ChargeModel.PER_UNIT, ChargeModel.PERCENTAGE})
RATES = frozenset({ChargeModel.PERCENTAGE, ChargeModel.GRADUATED_PERCENTAGE})


@dataclass(frozen=True)
class Tier:
    """From the bound of the tier before up to and including `up_to`; the last has none."""

    up_to: Decimal | None
    unit_price: Decimal
    flat_price: Decimal
    rate_percent: Decimal
    package_size: Decimal | None


@dataclass(frozen=True)
class ChargePrice:
    """What a charge costs in one currency. `minimum` and `maximum`: minor units per interval."""

    tiers: tuple[Tier, ...]
    fee_per_event: Decimal
    per_event_minimum: Decimal | None
    per_event_maximum: Decimal | None
    minimum: int
    maximum: int | None

    @property
    def by_event(self) -> bool:
        """Whether each event costs no less, or no more, than so much."""
        return self.per_event_minimum is not None or self.per_event_maximum is not None

    @property
    def included(self) -> Decimal | None:
        """Up to which quantity nothing is to be paid; None: the first unit costs something, or none ever does."""
        bound = None
        for tier in self.tiers:
            if tier.unit_price or tier.flat_price or tier.rate_percent or tier.up_to is None or self.fee_per_event:
                break
            bound = tier.up_to
        return bound


@dataclass(frozen=True)
class Charge:
    """A metered charge of a plan version. `filter`: property -> the values that count, all properties together.

    `unique_by`: the property whose different values a unique count counts; without it, different quantities.
    """

    key: str
    metric: str
    aggregation: Aggregation
    filter: Mapping[str, Any]
    group_by: tuple[str, ...]
    model: ChargeModel
    package_size: Decimal | None
    cap: Decimal | None
    cap_behavior: CapBehavior
    prices: Mapping[str, ChargePrice]
    unique_by: str | None = None
    thresholds: tuple[Threshold, ...] = ()


def charge(document: Mapping[str, Any]) -> Charge:
    """The charge that a checked document says."""
    return Charge(
        key=document["key"],
        metric=document["metric"],
        aggregation=Aggregation(document["aggregation"]),
        filter=document["filter"],
        group_by=tuple(document["group_by"]),
        model=ChargeModel(document["model"]),
        package_size=_decimal(document["package_size"]),
        cap=_decimal(document["cap"]),
        cap_behavior=CapBehavior(document["cap_behavior"]),
        prices={currency: _price(price) for currency, price in document["prices"].items()},
        unique_by=document["unique_by"],
        thresholds=tuple(threshold(each) for each in document["thresholds"]),
    )


def read_charges(reading: Reading, value: Any, at: str, currencies: Sequence[str]) -> list[dict[str, Any]]:
    """The charges of a plan that has prices in `currencies`, in one form."""
    found = reading.listed(value, at, lambda _, each, place: _charge(reading, each, place), longest=MAX_CHARGES)
    reading.once((f"{at}/{index}/key", each.get("key")) for index, each in enumerate(found))
    for index, each in enumerate(found):
        prices = each.get("prices") or {}
        place = f"{at}/{index}/prices"
        if not each or not currencies or place in {problem.pointer for problem in reading.problems}:
            continue
        for currency in currencies:
            if currency not in prices:
                text = f"The plan has a price in {currency}: the charge needs one too."
                reading.add(Problem(pointer(place, currency), "price_missing", text))
        for currency in prices:
            if currency not in currencies:
                text = f"The plan has no price in it, only in {', '.join(currencies)}."
                reading.add(Problem(pointer(place, currency), "currency_without_price", text))
        if not reading.spoilt(place) and not reading.spoilt(f"{at}/{index}/cap"):
            limited = each["cap"] is not None or all(_price(price).included is not None for price in prices.values())
            for problem in threshold_problems(each, f"{at}/{index}/thresholds", currencies, limited=limited):
                reading.add(problem)
    return found


def _charge(reading: Reading, value: Any, at: str) -> dict[str, Any]:
    found = reading.members(value, at, CHARGE)
    if not found:
        return {}
    if found["key"] == RESERVED:
        reading.add(Problem(f"{at}/key", "reserved", f"{RESERVED} is the plan's own price; choose another key."))
    if found["cap"] is None and found["cap_behavior"] == CapBehavior.REJECT and not reading.spoilt(f"{at}/cap"):
        reading.add(Problem(f"{at}/cap", "required", "What is above which quantity is refused? Give a cap."))
    if found["unique_by"] is not None and found["aggregation"] not in (None, Aggregation.UNIQUE_COUNT):
        reading.add(Problem(f"{at}/unique_by", "not_for_this_aggregation", "Only unique_count counts by a property."))
    if found["model"] is not None:
        for problem in _by_model(found, value, at):
            reading.add(problem)
    return found


def _by_model(charge: Mapping[str, Any], raw: Mapping[str, Any], at: str) -> Iterator[Problem]:
    """What the charge's model does not go together with."""
    model = ChargeModel(charge["model"])
    if model in RATES and charge["aggregation"] not in (None, Aggregation.SUM):
        yield Problem(f"{at}/aggregation", "not_for_this_model", "A percentage is of the sum: aggregate by sum.")
    if model is not ChargeModel.PACKAGE and charge["package_size"] is not None:
        yield Problem(f"{at}/package_size", "not_for_this_model", "Only packages have a size: use the model package.")
    unsized = raw.get("package_size") is None
    for currency, price in charge["prices"].items():
        place = pointer(f"{at}/prices", currency)
        yield from _price_by_model(model, price, place)
        written = raw["prices"][currency].get("tiers") if isinstance(raw["prices"][currency], Mapping) else None
        for index, tier in enumerate(price.get("tiers", ())):
            given = written[index] if isinstance(written, list | tuple) else {}
            yield from _tier_by_model(model, tier, given, f"{place}/tiers/{index}")
            if model is ChargeModel.PACKAGE and tier.get("package_size") is None and unsized:
                yield Problem(
                    f"{place}/tiers/{index}/package_size", "required", "Give it here or once for the whole charge."
                )


def _price_by_model(model: ChargeModel, price: Mapping[str, Any], at: str) -> Iterator[Problem]:
    if model in SINGLE and len(price.get("tiers", ())) > 1:
        yield Problem(f"{at}/tiers", "too_many_tiers", f"{model} has one tier; graduated models have more.")
    if model not in RATES and price.get("fee_per_event") not in (None, "0"):
        yield Problem(f"{at}/fee_per_event", "not_for_this_model", "Only percentages have a fee per event.")
    for bound in ("per_event_minimum", "per_event_maximum"):
        if model is not ChargeModel.PERCENTAGE and price.get(bound) is not None:
            yield Problem(f"{at}/{bound}", "not_for_this_model", "Only the model percentage has it: it needs one rate.")


def _tier_by_model(model: ChargeModel, tier: Mapping[str, Any], given: Any, at: str) -> Iterator[Problem]:
    price, other = ("rate_percent", "unit_price") if model in RATES else ("unit_price", "rate_percent")
    if tier.get(other) not in (None, "0"):
        yield Problem(f"{at}/{other}", "not_for_this_model", f"In the model {model} a tier has {price}.")
    if model is not ChargeModel.PACKAGE and tier.get("package_size") is not None:
        yield Problem(f"{at}/package_size", "not_for_this_model", "Only packages have a size: use the model package.")
    if isinstance(given, Mapping) and not {price, "flat_price"} & given.keys():
        yield Problem(f"{at}/{price}", "required", f'Give {price}, "0" if it is free, or flat_price.')


def _read_price(reading: Reading, value: Any, at: str) -> dict[str, Any]:
    found = reading.members(value, at, PRICE)
    if found:
        _bounds(reading, at, "minimum", found["minimum"], found["maximum"])
        _bounds(reading, at, "per_event_minimum", found["per_event_minimum"], found["per_event_maximum"])
    return found


def _bounds(reading: Reading, at: str, lower: str, least: Any, most: Any) -> None:
    if least is not None and most is not None and Decimal(least) > Decimal(most):
        upper = lower.replace("minimum", "maximum")
        reading.add(Problem(f"{at}/{upper}", "too_small", f"It is no less than {lower}."))


def _prices(reading: Reading, value: Any, at: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not value:
        reading.add(Problem(at, "wrong_type", 'Expected an object such as {"USD": {"tiers": [...]}}.'))
        return {}
    return {str(currency): _read_price(reading, price, pointer(at, currency)) for currency, price in value.items()}


def _tiers(reading: Reading, value: Any, at: str) -> list[dict[str, Any]]:
    tiers = reading.listed(value, at, lambda _, each, place: reading.members(each, place, TIER), longest=MAX_TIERS)
    if not tiers:
        if not reading.spoilt(at):
            reading.add(Problem(at, "too_short", "At least one tier: its up_to is null."))
        return []
    below = Decimal(0)
    for index, tier in enumerate(tiers):
        place, last = f"{at}/{index}/up_to", index == len(tiers) - 1
        if not tier or reading.spoilt(place):
            continue
        if last and tier["up_to"] is not None:
            reading.add(Problem(place, "last_tier_open", "The last tier goes on for ever: its up_to is null."))
        elif not last and tier["up_to"] is None:
            reading.add(Problem(place, "required", "Only the last tier goes on for ever: say where this one ends."))
        elif tier["up_to"] is not None:
            bound = Decimal(tier["up_to"])
            if bound <= below and index:
                reading.add(Problem(place, "not_ascending", "It is above that of the tier before."))
            below = max(below, bound)
    return tiers


def _price(price: Mapping[str, Any]) -> ChargePrice:
    return ChargePrice(
        tiers=tuple(
            Tier(
                up_to=_decimal(tier["up_to"]),
                unit_price=Decimal(tier["unit_price"]),
                flat_price=Decimal(tier["flat_price"]),
                rate_percent=Decimal(tier["rate_percent"]),
                package_size=_decimal(tier["package_size"]),
            )
            for tier in price["tiers"]
        ),
        fee_per_event=Decimal(price["fee_per_event"]),
        per_event_minimum=_decimal(price["per_event_minimum"]),
        per_event_maximum=_decimal(price["per_event_maximum"]),
        minimum=price["minimum"],
        maximum=price["maximum"],
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


TIER: Mapping[str, Member] = {
    "up_to": Member(number(positive=True)),
    "unit_price": Member(number(), default="0"),
    "flat_price": Member(number(), default="0"),
    "rate_percent": Member(number(most=Decimal(100)), default="0"),
    "package_size": Member(number(positive=True)),
}
PRICE: Mapping[str, Member] = {
    "tiers": Member(_tiers, required=True, default=list),
    "fee_per_event": Member(number(), default="0"),
    "per_event_minimum": Member(number()),
    "per_event_maximum": Member(number()),
    "minimum": Member(amount(), default=0),
    "maximum": Member(amount(least=1)),
}
CHARGE: Mapping[str, Member] = {
    "key": Member(name(KEY_LENGTH), required=True),
    "metric": Member(name(METRIC_LENGTH), required=True),
    "aggregation": Member(one_of(list(Aggregation)), default="sum"),
    "unique_by": Member(name(METRIC_LENGTH)),
    "filter": Member(read_filter, default=dict),
    "group_by": Member(read_groups, default=list),
    "model": Member(one_of(list(ChargeModel)), required=True),
    "package_size": Member(number(positive=True)),
    "cap": Member(number(positive=True)),
    "cap_behavior": Member(one_of(list(CapBehavior)), default="bill"),
    "thresholds": Member(read_thresholds, default=list),
    "prices": Member(_prices, required=True, default=dict),
}
