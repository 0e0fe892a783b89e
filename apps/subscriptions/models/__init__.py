"""Tables of subscriptions, and of the runs that bill them."""

from apps.subscriptions.models.move import ONE_MOVE, BulkMove, MoveRefusal
from apps.subscriptions.models.rerating import ReratedSubscription, Rerating
from apps.subscriptions.models.run import ONE_RUN, BillingRun, RunApproval, RunFailure, RunForecast
from apps.subscriptions.models.subscription import (
    EXTERNAL_KEY_UNIQUE,
    RECURRING,
    UNANNOUNCED,
    BilledPeriod,
    ScheduledChange,
    Subscription,
)
from apps.subscriptions.models.usage import (
    ThresholdCheck,
    ThresholdReached,
    UsageBill,
    UsageRecount,
    UsageSweep,
    UsageTerms,
)

__all__ = [
    "EXTERNAL_KEY_UNIQUE", "ONE_MOVE", "ONE_RUN", "RECURRING", "UNANNOUNCED", "BilledPeriod", "BillingRun", "BulkMove",
    "MoveRefusal", "ReratedSubscription", "Rerating", "RunApproval", "RunFailure", "RunForecast", "ScheduledChange",
    "Subscription", "ThresholdCheck", "ThresholdReached", "UsageBill", "UsageRecount", "UsageSweep", "UsageTerms",
]  # fmt: skip
