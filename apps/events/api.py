"""/v1/events"""

from collections.abc import Sequence
from typing import Any

from django_filters import rest_framework as filters

from apps.events.models import Event
from apps.events.objects import EventObject, event_objects
from apps.rest.filters import ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet


class EventFilter(ResourceFilterSet):
    event_type = filters.CharFilter(label="Exactly this type, such as invoice.paid.")
    account_id = filters.UUIDFilter(label="What happened to this account.")
    object_id = filters.UUIDFilter(label="What happened to this object.")

    class Meta:
        model = Event
        fields = ("event_type", "account_id", "object_id")


class EventViewSet(ResourceViewSet):
    """What happened, newest position first."""

    resource = "events"
    queryset = Event.objects.all()
    object_class = EventObject
    filterset_class = EventFilter
    cursor_field = "position"

    def render(self, rows: Sequence[Event]) -> Sequence[EventObject]:
        return event_objects(rows)

    def get_queryset(self) -> Any:
        """Lists hold what has a position: their order is then final, and a cursor skips nothing."""
        events = super().get_queryset()
        return events.filter(position__isnull=False) if self.action == "list" else events
