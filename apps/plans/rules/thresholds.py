"""Thresholds of a charge: what its usage reaches is announced once a period. The data and what makes it valid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from apps.kernel.currencies import CURRENCIES
from apps.kernel.errors import Problem
from apps.plans.rules.reading import Member, Reading, amount, number, one_of

MAX_THRESHOLDS = 20
MAX_PERCENT = Decimal(1000)


class ThresholdKind(StrEnum):
    """What is compared: usage with a share of the cap, or else of the free units; usage; or what it costs by now."""

    PERCENT = "percent"
    QUANTITY = "quantity"
    AMOUNT = "amount"


@dataclass(frozen=True)
class Threshold:
    """An amount is in minor units of `currency`, and of no concern to accounts of another."""

    kind: ThresholdKind
    value: Decimal
    currency: str | None = None


def threshold(document: Mapping[str, Any]) -> Threshold:
    """The threshold that a checked document says."""
    (kind,) = (kind for kind in ThresholdKind if document[kind] is not None)
    return Threshold(kind, Decimal(document[kind]), document["currency"])


def read_thresholds(reading: Reading, value: Any, at: str) -> list[dict[str, Any]]:
    """The thresholds of a charge, each once."""
    found = reading.listed(value, at, _threshold, longest=MAX_THRESHOLDS)
    reading.once((f"{at}/{index}", tuple(each.values()) or None) for index, each in enumerate(found))
    return found


def threshold_problems(
    charge: Mapping[str, Any], at: str, currencies: Sequence[str], *, limited: bool
) -> list[Problem]:
    """What does not go together with its charge. `limited`: it has a cap, or free units in every currency."""
    wrong = []
    for index, each in enumerate(charge["thresholds"]):
        if each.get("percent") is not None and not limited:
            text = "A percentage is of the cap, or of the free units: give a cap, or a first tier that is free."
            wrong.append(Problem(f"{at}/{index}/percent", "nothing_to_compare", text))
        currency = each.get("currency")
        if currency is not None and currencies and currency not in currencies:
            text = f"The plan has no price in it, only in {', '.join(currencies)}."
            wrong.append(Problem(f"{at}/{index}/currency", "currency_without_price", text))
    return wrong


def _threshold(reading: Reading, value: Any, at: str) -> dict[str, Any]:
    found = reading.members(value, at, THRESHOLD)
    if not found or reading.spoilt(at):
        return {}
    given = [kind for kind in ThresholdKind if found[kind] is not None]
    if len(given) != 1:
        code = "ambiguous" if given else "required"
        reading.add(Problem(at, code, f"Give one of {', '.join(ThresholdKind)}."))
    elif (found["currency"] is None) is (given == [ThresholdKind.AMOUNT]):
        code = "required" if found["currency"] is None else "ambiguous"
        reading.add(Problem(f"{at}/currency", code, "An amount has its currency, and nothing else has one."))
    return {} if reading.spoilt(at) else found


THRESHOLD: Mapping[str, Member] = {
    "percent": Member(number(positive=True, most=MAX_PERCENT)),
    "quantity": Member(number(positive=True)),
    "amount": Member(amount(least=1)),
    "currency": Member(one_of(sorted(CURRENCIES))),
}
