"""/v1/usage and /v1/usage/batch"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel import clock
from apps.kernel.errors import Conflict
from apps.rest.filters import InstantFilter, ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation
from apps.usage.actions.correct import replace, void
from apps.usage.actions.record import Receipt, record
from apps.usage.actions.together import record_together
from apps.usage.bodies import (
    JsonBody,
    LineBody,
    Sent,
    UsageEventInput,
    UsageReplacementInput,
    UsageVoidInput,
    replacement,
)
from apps.usage.models import UsageEvent
from apps.usage.objects import (
    RecordedUsageEventObject,
    UsageBatchObject,
    UsageErrorObject,
    UsageEventObject,
    event_objects,
)
from apps.usage.queries import events, keys
from apps.usage.rules import reading
from apps.usage.rules.event import digest


class UsageFilter(ResourceFilterSet):
    created_after = None  # type: ignore[assignment]
    created_before = None  # type: ignore[assignment]
    subscription_id = filters.UUIDFilter()
    metric = filters.CharFilter()
    idempotency_key = filters.CharFilter(method="of_key", label="The event that has this key.")
    timestamp_after = InstantFilter(field_name="timestamp", lookup_expr="gte", label="Used at this instant or later.")
    timestamp_before = InstantFilter(field_name="timestamp", lookup_expr="lt", label="Used before this instant.")

    class Meta:
        model = UsageEvent
        fields: list[str] = []

    def of_key(self, rows: Any, name: str, value: str) -> Any:
        """By the keys, which lead to the one event."""
        return rows.filter(pk__in=list(keys.taken([digest(value)]).values()))


class UsageViewSet(ResourceViewSet):
    """Usage: events, each stored once by its idempotency_key. Its timestamp decides the period it is billed in."""

    resource = "usage"
    queryset = events.events()
    object_class = UsageEventObject
    filterset_class = UsageFilter
    parser_classes = [JsonBody]

    def render(self, rows: Any) -> list[UsageEventObject]:
        return event_objects(rows, events.corrections([row.pk for row in rows]))

    @operation(input=UsageEventInput, output=RecordedUsageEventObject, status=201)
    def create(self, request: Request) -> Response:
        """Record one event: 201, or 200 with what is stored when its key is known already."""
        sent = _sent(request)
        receipt = record_together(reading.single(sent.content), at=clock.wall(), plain=sent.plain)
        if receipt.refused:
            raise receipt.refused[0]
        if receipt.stored:
            return Response(_recorded(receipt), status=201)
        return Response(_known(receipt), status=200)


class UsageBatchViewSet(ResourceViewSet):
    """Up to 10,000 events in one request."""

    resource = "usage"
    queryset = events.events()
    object_class = UsageBatchObject
    parser_classes = [JsonBody, LineBody]
    max_body_bytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    takes_gzip = True

    @operation(input=UsageEventInput(many=True), output=UsageBatchObject, status=200)
    def create(self, request: Request) -> Response:
        """Record many events, as a JSON array or one on each line; each is answered on its own."""
        sent = _sent(request)
        read = reading.lines(sent.content) if sent.by_line else reading.array(sent.content)
        receipt = record(read, at=clock.wall(), plain=sent.plain)
        errors = [
            UsageErrorObject(index=index, code=error.code, detail=error.detail, hint=error.hint)
            for index, error in sorted(receipt.refused.items())
        ]
        counts = {"accepted": len(receipt.stored), "duplicates": len(receipt.repeated), "rejected": len(errors)}
        return Response(UsageBatchObject(**counts, errors=errors))


class UsageCorrectionViewSet(ResourceViewSet):
    """What was recorded wrongly."""

    resource = "usage"
    queryset = events.events()
    object_class = UsageEventObject

    def render(self, rows: Any) -> list[UsageEventObject]:
        return event_objects(rows, events.corrections([row.pk for row in rows]))

    @operation(input=UsageVoidInput, output=UsageEventObject)
    def void(self, request: Request, **kwargs: Any) -> Response:
        """Let an event count no longer; a period that is billed already is rated again."""
        body = self.parse(UsageVoidInput)
        return self.ok(void(event_id=self.get_object().pk, at=clock.wall(), actor=self.actor, **body))

    @operation(input=UsageReplacementInput, output=UsageEventObject, status=201)
    def replace(self, request: Request, **kwargs: Any) -> Response:
        """Let another event count instead of this one, in one step; answers with the new one."""
        body = self.parse(UsageReplacementInput)
        original = self.get_object()
        by = replacement(body, original)
        return self.created(
            replace(event_id=original.pk, by=by, reason=body["reason"], at=clock.wall(), actor=self.actor)
        )


def _sent(request: Request) -> Sent:
    data: object = request.data
    # An empty body reaches no parser.
    return data if isinstance(data, Sent) else Sent(b"", by_line=False)


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
