"""The terms of a plan version and what makes a price list valid; no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from apps.kernel.errors import Invalid
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
    """Everything billing needs of one plan version. `prices`: currency -> minor units per interval and unit of quantity."""

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
