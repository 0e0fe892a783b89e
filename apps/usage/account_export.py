"""What an account's export holds of its usage: every event, those that count no longer too."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from apps.accounts.registry import section_read
from apps.kernel.pieces import pieces
from apps.usage.models import UsageEvent
from apps.usage.objects import UsageEventObject, event_objects
from apps.usage.queries.events import corrections, events, having_used
from apps.usage.registry import subscriptions_of

BY = ("metric", "timestamp", "pk")


def _read(account_id: UUID, size: int) -> Iterator[list[UsageEvent]]:
    """Along the one index that knows subscriptions: by rising ids everybody's events would be passed."""
    for subscription_id in having_used(subscriptions_of(account_id)):
        yield from pieces(events().filter(subscription_id=subscription_id), size, BY)


def _shown(rows: Sequence[UsageEvent]) -> list[UsageEventObject]:
    return event_objects(rows, corrections([row.pk for row in rows]))


section_read("usage", UsageEventObject, read=_read, show=_shown)
