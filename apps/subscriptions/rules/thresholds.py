"""Which thresholds of a charge its usage has reached."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.kernel.errors import Invalid
from apps.kernel.money import MAX_AMOUNT
from apps.kernel.periods import Period
from apps.plans.rules import Charge, Threshold, ThresholdKind
from apps.plans.rules.rating import Usage
from apps.subscriptions.rules.metering import Billed, Run, due


@dataclass(frozen=True)
class Standing:
    """What a run has come to. `quantity`: of all groups together; `largest`: of the one with most.

    `amount`: what it costs by now, minimums aside.
    """

    quantity: Decimal
    largest: Decimal
    amount: int


def limit(charge: Charge, currency: str) -> Decimal | None:
    """What a percentage is taken of: the cap, or else the free units, of which each group has its own."""
    return charge.cap if charge.cap is not None else charge.prices[currency].included


def missing(charge: Charge, currency: str, before: Collection[tuple[str, Decimal]]) -> list[Threshold]:
    """Its thresholds that were not reached `before` (kind and value), without amounts of other currencies."""
    own = [each for each in charge.thresholds if each.currency in (None, currency)]
    return [each for each in own if (each.kind.value, each.value) not in before]


def reaches(threshold: Threshold, charge: Charge, currency: str, standing: Standing) -> bool:
    """Whether it is reached, exactly so or beyond."""
    if threshold.kind is ThresholdKind.AMOUNT:
        return standing.amount >= threshold.value
    if threshold.kind is ThresholdKind.QUANTITY:
        return standing.quantity >= threshold.value
    whole = limit(charge, currency)
    used = standing.largest if charge.cap is None else standing.quantity
    return whole is not None and used * 100 >= whole * threshold.value


def cost(run: Run, usages: Sequence[Usage], currency: str, full: Period | None) -> int:
    """What this usage costs by now; what is too large for a line is as much as can be."""
    try:
        return due(run, usages, currency, full, Billed()).usage
    except Invalid as refusal:
        if refusal.code != "amount_too_large":
            raise
        return MAX_AMOUNT
