"""The event as the API and webhooks show it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.events.models import Event
from apps.rest.objects import ApiObject


class EventObject(ApiObject, frozen=True, kw_only=True):
    """Something that happened. `data` holds the object as it was right after, and what changed."""

    event_id: UUID
    event_type: str
    created_at: datetime
    effective_at: datetime
    position: int | None
    livemode: bool
    api_version: str
    data: dict[str, Any]
    url: str


def event_objects(events: Sequence[Event]) -> list[EventObject]:
    """Events as API objects, in their order."""
    return [
        EventObject(
            event_id=event.pk,
            event_type=event.event_type,
            created_at=event.created_at,
            effective_at=event.effective_at,
            position=event.position,
            livemode=settings.BILLING_LIVEMODE,
            api_version=settings.BILLING_API_VERSION,
            data=event.data,
            url=f"/v1/events/{event.pk}",
        )
        for event in events
    ]
