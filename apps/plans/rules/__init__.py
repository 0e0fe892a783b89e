"""The terms of a plan version, its metered charges, and what makes a plan document valid; no database."""

from apps.plans.rules.charges import CapBehavior, Charge, ChargeModel, ChargePrice, Tier, charge
from apps.plans.rules.document import (
    MAX_INTERVAL_COUNT,
    MAX_TRIAL_DAYS,
    checked,
    interval_problems,
    price_problems,
    problems,
)
from apps.plans.rules.terms import TaxBehavior, Terms, TrialUsage
from apps.plans.rules.thresholds import Threshold, ThresholdKind
from apps.usage.rules.meters import Aggregation

__all__ = [
    "MAX_INTERVAL_COUNT",
    "MAX_TRIAL_DAYS",
    "Aggregation",
    "CapBehavior",
    "Charge",
    "ChargeModel",
    "ChargePrice",
    "TaxBehavior",
    "Terms",
    "Threshold",
    "ThresholdKind",
    "Tier",
    "TrialUsage",
    "charge",
    "checked",
    "interval_problems",
    "price_problems",
    "problems",
]
