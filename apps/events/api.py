"""/v1/events"""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from apps.events import queries, sse
from apps.events.models import Event
from apps.events.objects import EventObject, event_objects
from apps.kernel.errors import Invalid, Problem
from apps.kernel.matching import MOST, matches, well_formed
from apps.rest.filters import ResourceFilterSet
from apps.rest.pagination import ForwardPagination, whole_number
from apps.rest.renderers import JSONRenderer
from apps.rest.viewsets import ResourceViewSet


class EventFilter(ResourceFilterSet):
    event_type = filters.CharFilter(label="Exactly this type, such as invoice.paid.")
    account_id = filters.UUIDFilter(label="What happened to this account.")
    object_id = filters.UUIDFilter(label="What happened to this object.")

    class Meta:
        model = Event
        fields = ("event_type", "account_id", "object_id")


STREAMED = 500
"""Events that the beginning of a stream brings at most; the rest follows, or is asked for."""


class StreamRenderer(JSONRenderer):
    """The media type of the stream, whose bytes are made by the view; refusals are JSON as ever."""

    media_type = sse.MEDIA_TYPE
    format = "stream"


class EventViewSet(ResourceViewSet):
    """What happened, newest position first; with `after` the oldest first, from a position on."""

    resource = "events"
    queryset = Event.objects.all()
    object_class = EventObject
    filterset_class = EventFilter
    cursor_field = "position"
    pagination_class = ForwardPagination
    action_parameters = {"list": ("after",), "stream": ("after", "types")}

    def render(self, rows: Sequence[Event]) -> Sequence[EventObject]:
        return event_objects(rows)

    def get_queryset(self) -> Any:
        """Lists hold what has a position: their order is then final, and a cursor skips nothing."""
        events = super().get_queryset()
        return events.filter(position__isnull=False) if self.action == "list" else events

    def get_renderers(self) -> list[Any]:
        """JSON, but for the stream."""
        return [StreamRenderer()] if self.action == "stream" else super().get_renderers()

    @extend_schema(
        summary="Hear of events as they happen",
        responses={(200, sse.MEDIA_TYPE): OpenApiTypes.STR},
        parameters=[
            OpenApiParameter("after", int, description="Begin after this position; without it with what happens next."),
            OpenApiParameter("types", str, description="Types and patterns, by commas: `invoice.*,payment.failed`."),
            OpenApiParameter(
                "Last-Event-ID",
                int,
                OpenApiParameter.HEADER,
                description="The last position heard: goes before `after`.",
            ),
        ],
    )
    def stream(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Server-sent events: `id` is the position, `event` the type, `data` the event as JSON.

        A connection is kept for a quarter of an hour; a client that comes again with Last-Event-ID misses nothing. At
        most 500 events are sent at once; where the server cannot keep connections the answer ends there.
        """
        patterns = _patterns(request.query_params.get("types", ""))
        last = queries.last_position()
        position = self._begins(request, last)
        found = queries.events_after(position, STREAMED)
        wanted = [event for event in found if not patterns or matches(patterns, event.event_type)]
        reached = found[-1].position if found else position
        headers = {sse.POSITION: str(reached), sse.TYPES: ",".join(patterns), "X-Accel-Buffering": "no"}
        return HttpResponse(sse.body(wanted), content_type=sse.MEDIA_TYPE, headers=headers)

    def _begins(self, request: Request, last: int) -> int:
        heard, after = request.headers.get("Last-Event-ID"), request.query_params.get("after")
        name = "after" if heard is None else "Last-Event-ID"
        text = heard if heard is not None else after
        if text is None:
            return last
        position = whole_number(text, name)
        if position > last:
            raise Invalid(
                "position_ahead",
                f"Position {position} has not been given yet; the last one is {last}.",
                hint="Begin at the last position that you were told. After a restore of the database begin anew.",
                errors=[Problem(f"?{name}", "position_ahead", f"Positions end at {last}.")],
            )
        return position


def _patterns(text: str) -> list[str]:
    patterns = [each.strip() for each in text.split(",") if each.strip()]
    if len(patterns) > MOST or not all(well_formed(each) for each in patterns):
        raise Invalid(
            "parameter_invalid",
            "The types cannot be read.",
            hint="Name types or patterns, by commas: invoice.paid,payment.*",
            errors=[Problem("?types", "invalid", f"At most {MOST}, such as invoice.paid or payment.*")],
        )
    return patterns
