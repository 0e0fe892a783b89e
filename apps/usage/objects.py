"""Usage as the API answers with it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.rest.objects import ApiObject
from apps.usage.models import Correction, UsageEvent
from apps.usage.rules.caps import plain


class UsageEventObject(ApiObject, kw_only=True, frozen=True):
    """Something that was used. It counts until `voided_at`, if that is set; `replaced_by_id` is what counts instead.

    `received_at` and `voided_at` are the account's time.
    """

    id: UUID
    subscription_id: UUID
    metric: str
    quantity: str
    timestamp: datetime
    received_at: datetime
    idempotency_key: str
    properties: dict[str, Any]
    voided_at: datetime | None
    replaced_by_id: UUID | None
    void_reason: str | None
    url: str


class RecordedUsageEventObject(UsageEventObject, kw_only=True, frozen=True):
    """The event that has this idempotency key. `duplicate`: it had it before, and nothing was changed."""

    duplicate: bool


class UsageErrorObject(ApiObject, kw_only=True, frozen=True):
    """Why an event was refused. `index`: its place in the batch, from 0; empty lines are no events."""

    index: int
    code: str
    detail: str
    hint: str


class UsageBatchObject(ApiObject, kw_only=True, frozen=True):
    """What became of a batch. Accepted and duplicate events are stored; rejected ones are each in `errors`."""

    accepted: int
    duplicates: int
    rejected: int
    errors: list[UsageErrorObject]


class UsageSummaryObject(ApiObject, kw_only=True, frozen=True):
    """The events of a local day, metric and group. `group`: property -> its value as text, null where it is absent."""

    day: date
    metric: str
    group: dict[str, str | None]
    events: int
    sum: str
    max: str


def event_objects(
    events: Iterable[UsageEvent], corrections: Mapping[UUID, Correction], **more: Any
) -> list[UsageEventObject]:
    """The objects of these rows, in their order; no query. `more`: members of a RecordedUsageEventObject."""
    kind = RecordedUsageEventObject if more else UsageEventObject
    return [_event(kind, event, corrections.get(event.pk), more) for event in events]


def _event(
    kind: type[UsageEventObject], event: UsageEvent, correction: Correction | None, more: Mapping[str, Any]
) -> UsageEventObject:
    return kind(
        id=event.pk,
        subscription_id=event.subscription_id,
        metric=event.metric,
        quantity=plain(event.quantity),
        timestamp=event.timestamp,
        received_at=event.received_at,
        idempotency_key=event.idempotency_key,
        properties=event.properties,
        voided_at=correction.at if correction else None,
        replaced_by_id=correction.replaced_by if correction else None,
        void_reason=(correction.reason or None) if correction else None,
        url=f"/v1/usage/{event.pk}",
        **more,
    )
