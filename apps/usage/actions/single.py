"""One event recorded and shown: what POST /v1/usage and the mutation recordUsage do."""

from datetime import datetime
from uuid import UUID

from apps.kernel.errors import Conflict
from apps.usage.actions.record import Receipt
from apps.usage.actions.together import record_together
from apps.usage.models import UsageEvent
from apps.usage.objects import RecordedUsageEventObject, event_objects
from apps.usage.queries import events, keys
from apps.usage.rules.reading import Read


def record_one(event: Read, *, at: datetime, plain: bool = False) -> RecordedUsageEventObject:
    """Record an event, or raise why not. A key that is known changes nothing: what it stands for is shown."""
    receipt = record_together(event, at=at, plain=plain)
    if receipt.refused:
        raise receipt.refused[0]
    return _recorded(receipt) if receipt.stored else _known(receipt)


def _recorded(receipt: Receipt) -> RecordedUsageEventObject:
    """The event just stored, without asking for it."""
    taken, id = receipt.taken[0], receipt.stored[0]
    event = UsageEvent(
        id=id,
        subscription_id=UUID(taken.subscription_id),
        metric=taken.event.metric,
        quantity=taken.event.quantity,
        timestamp=taken.event.timestamp,
        received_at=taken.received_at,
        idempotency_key=taken.event.key,
        properties=taken.event.properties,
    )
    return event_objects([event], {}, duplicate=False)[0]  # type: ignore[return-value]


def _known(receipt: Receipt) -> RecordedUsageEventObject:
    """The event that had the key before."""
    found = keys.taken(receipt.repeated.values())
    event = events.events().filter(pk__in=list(found.values())).first()
    if event is None:
        raise Conflict(
            "event_forgotten",
            "The event of this idempotency_key was stored, and removed after two years.",
            hint="Nothing was stored now. Give a new event a key of its own.",
        )
    return event_objects([event], events.corrections([event.pk]), duplicate=True)[0]  # type: ignore[return-value]
