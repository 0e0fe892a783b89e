"""The terms of a plan version and what makes a plan document valid; no database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from apps.kernel.currencies import CURRENCIES
from apps.kernel.errors import Invalid, Problem
from apps.kernel.money import MAX_AMOUNT
from apps.kernel.periods import Interval


class TaxBehavior(StrEnum):
    """Whether tax comes on top of a price or is inside it."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


class TrialUsage(StrEnum):
    """What happens to usage in a trial."""

    FREE = "free"
    BILL = "bill"


MAX_INTERVAL_COUNT = {"day": 365, "week": 52, "month": 60, "year": 10}
MAX_TRIAL_DAYS = 730


@dataclass(frozen=True)
class Terms:
    """Everything billing needs of one plan version. `prices`: minor units per interval and unit of quantity."""

    plan_id: UUID
    plan_version_id: UUID
    version: int
    name: str
    active: bool
    interval: Interval
    trial_days: int
    tax_behavior: TaxBehavior
    tax_code: str
    prices: Mapping[str, int]

    def price(self, currency: str) -> int:
        """The recurring price in that currency, or a refusal that lists the currencies there are."""
        if currency not in self.prices:
            raise Invalid(
                "price_missing",
                f"Plan {self.name!r} has no price in {currency}.",
                hint=f"It has prices in {', '.join(sorted(self.prices))}. Add one to the plan, or use another plan.",
            )
        return self.prices[currency]


def problems(document: Mapping[str, Any]) -> list[Problem]:
    """What is wrong between the members of a plan, given whole: its prices, and its interval with its count."""
    return [*price_problems(document.get("prices")), *interval_problems(document)]


def price_problems(prices: object) -> Iterator[Problem]:
    """Every fault of a price list: currency -> minor units."""
    if not isinstance(prices, Mapping) or not prices:
        yield Problem("/prices", "wrong_type", 'Expected an object such as {"USD": 4900}.')
        return
    for currency, amount in prices.items():
        pointer = f"/prices/{currency}"
        if currency not in CURRENCIES:
            yield Problem(
                pointer, "currency_unknown", "Not a currency of ISO 4217; use a code such as USD, EUR or JPY."
            )
        if type(amount) is not int:
            yield Problem(pointer, "wrong_type", "Expected whole minor units: 4900 for 49 dollars.")
        elif amount < 0:
            yield Problem(pointer, "too_small", "A price is 0 or more.")
        elif amount > MAX_AMOUNT:
            yield Problem(pointer, "amount_too_large", f"A price is at most {MAX_AMOUNT} minor units.")


def interval_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Whether `interval_count` is more than `interval` allows."""
    interval, count = document.get("interval"), document.get("interval_count", 1)
    longest = MAX_INTERVAL_COUNT.get(interval) if isinstance(interval, str) else None
    if longest is not None and type(count) is int and count > longest:
        yield Problem("/interval_count", "too_large", f"At most {longest} where the interval is {interval}.")
