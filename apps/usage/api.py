"""/v1/usage and /v1/usage/batch"""

from typing import Any

from django.conf import settings
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel import clock
from apps.rest.filters import InstantFilter, ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation
from apps.usage.actions.correct import replace, void
from apps.usage.actions.record import record
from apps.usage.actions.single import record_one
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
from apps.usage.registry import subscriptions_of
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
    customer_actions = frozenset({"list", "retrieve"})
    parser_classes = [JsonBody]

    def of_account(self, rows: Any, account_id: Any) -> Any:
        """The events of its subscriptions."""
        return rows.filter(subscription_id__in=subscriptions_of(account_id))

    def render(self, rows: Any) -> list[UsageEventObject]:
        return event_objects(rows, events.corrections([row.pk for row in rows]))

    @operation(input=UsageEventInput, output=RecordedUsageEventObject, status=201)
    def create(self, request: Request) -> Response:
        """Record one event: 201, or 200 with what is stored when its key is known already."""
        sent = _sent(request)
        event = record_one(reading.single(sent.content), at=clock.wall(), plain=sent.plain)
        return Response(event, status=200 if event.duplicate else 201)


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
