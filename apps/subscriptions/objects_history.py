"""What happened to a subscription, as the API answers with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.events.models import Event
from apps.rest.objects import ApiObject


class HistoryObject(ApiObject, kw_only=True, frozen=True):
    """Something that happened to a subscription, with the values that it changed, before and after."""

    event_id: UUID
    event_type: str
    created_at: datetime
    effective_at: datetime
    previous_attributes: dict[str, Any] | None
    attributes: dict[str, Any]


def history_objects(events: Sequence[Event]) -> list[HistoryObject]:
    """The objects of these events, in their order."""
    return [_happened(event) for event in events]


def _happened(event: Event) -> HistoryObject:
    previous = event.data.get("previous_attributes")
    return HistoryObject(
        event_id=event.pk,
        event_type=event.event_type,
        created_at=event.created_at,
        effective_at=event.effective_at,
        previous_attributes=previous,
        attributes={name: event.data["object"].get(name) for name in previous or ()},
    )
