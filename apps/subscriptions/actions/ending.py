"""The end of a subscription, in the row in memory."""

from datetime import datetime

from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import Status


def end(subscription: Subscription, *, at: datetime, reason: str = "", status: Status = Status.CANCELLED) -> None:
    """Nothing falls due of it any more. `at`: the instant of a cancellation; an expiry is known by its date."""
    subscription.status, subscription.cancellation_reason = status, reason
    subscription.cancelled_at = at if status is Status.CANCELLED else None
    subscription.next_billing_at = subscription.billing_retry_at = subscription.wakes_at = None
    subscription.paused_on = subscription.paused_at = None
    subscription.pause_resumes_on = subscription.pause_resumes_at = None
    subscription.billing_error = ""
