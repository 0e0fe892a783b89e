"""A threshold that was reached, as its event carries it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.plans.objects import ThresholdObject
from apps.plans.rules import Threshold, ThresholdKind
from apps.plans.rules.reading import plain
from apps.rest.objects import ApiObject


class ThresholdReachedObject(ApiObject, kw_only=True, frozen=True):
    """Usage of a charge has reached a threshold, at the account's time `reached_at`.

    `quantity` and `amount` (what it costs by now, before minimum, discounts and tax) are what there was when it was
    found. `limit`: what a percentage is taken of, the cap or else the free units. The period is counted from `since`
    up to `until`.
    """

    id: UUID
    subscription_id: UUID
    account_id: UUID
    charge: str
    metric: str
    threshold: ThresholdObject
    limit: Decimal | None
    quantity: Decimal
    amount: int
    currency: str
    since: datetime
    until: datetime
    reached_at: datetime
    url: str


class CurrentThresholdObject(ThresholdObject, kw_only=True, frozen=True):
    """A threshold, and when it was reached in this period, if it was."""

    reached_at: datetime | None


def threshold_object(threshold: Threshold) -> ThresholdObject:
    """The threshold as its charge shows it."""
    return ThresholdObject(**_members(threshold))


def current_threshold(threshold: Threshold, reached: Mapping[tuple[str, Decimal], datetime]) -> CurrentThresholdObject:
    """The same with its time; `reached`: kind and value -> when."""
    at = reached.get((threshold.kind.value, threshold.value))
    return CurrentThresholdObject(**_members(threshold), reached_at=at)


def _members(threshold: Threshold) -> dict[str, Any]:
    amount = threshold.kind is ThresholdKind.AMOUNT
    value = int(threshold.value) if amount else plain(threshold.value)
    return {
        **dict.fromkeys(kind.value for kind in ThresholdKind),
        threshold.kind.value: value,
        "currency": threshold.currency,
    }
