"""What billing needs of one plan version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
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


@dataclass(frozen=True)
class Terms:
    """Everything billing needs of one plan version but its metered charges.

    `prices`: minor units per interval and unit of quantity. `features`: what the version grants, limits among it.
    `commitment`: minor units that at least are billed per interval, usage and price together. `metered`: whether there
    are metered charges.
    """

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
    trial_usage: TrialUsage = TrialUsage.FREE
    features: Mapping[str, Any] = field(default_factory=dict)
    commitment: Mapping[str, int] = field(default_factory=dict)
    metered: bool = True

    def price(self, currency: str) -> int:
        """The recurring price in that currency, or a refusal that lists the currencies there are."""
        if currency not in self.prices:
            raise Invalid(
                "price_missing",
                f"Plan {self.name!r} has no price in {currency}.",
                hint=f"It has prices in {', '.join(sorted(self.prices))}. Add one to the plan, or use another plan.",
            )
        return self.prices[currency]
