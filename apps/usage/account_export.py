"""What an account's export holds of its usage: every event, those that count no longer too."""

from collections.abc import Sequence

from apps.accounts.registry import section
from apps.usage.models import UsageEvent
from apps.usage.objects import UsageEventObject, event_objects
from apps.usage.queries.events import corrections, events
from apps.usage.registry import subscriptions_of


def _shown(rows: Sequence[UsageEvent]) -> list[UsageEventObject]:
    return event_objects(rows, corrections([row.pk for row in rows]))


section(
    "usage",
    UsageEventObject,
    rows=lambda account_id: events().filter(subscription_id__in=subscriptions_of(account_id)),
    show=_shown,
)
