"""Endpoints, deliveries, attempts and resends as the API shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.rest.objects import ApiObject
from apps.webhooks.models import Attempt, Delivery, Endpoint, Resend
from apps.webhooks.queries import attempts, standings
from apps.webhooks.rules.states import EndpointStatus, Format, Outcome, Reason, Scope, Status


class WebhookEndpointObject(ApiObject, frozen=True, kw_only=True):
    """Who is told of events. `last_sequence`: number of its newest delivery. `gaps`: numbers that were given up and
    wait for a resend, the ten lowest. `spared_until`: it fails, and is sent nothing until then."""

    id: UUID
    name: str
    url: str
    event_types: list[str]
    api_version: str
    format: Format
    redact: list[str]
    concurrency: int
    owner_email: str
    metadata: dict[str, Any]
    status: EndpointStatus
    disabled_reason: Reason
    disabled_at: datetime | None
    failing_since: datetime | None
    spared_until: datetime | None
    last_sequence: int
    gaps: list[int]
    created_at: datetime
    updated_at: datetime


class CreatedWebhookEndpointObject(WebhookEndpointObject, frozen=True, kw_only=True):
    """An endpoint with its secret, which is shown this once; null where the answer is a repeated one."""

    secret: str | None


class AttemptObject(ApiObject, frozen=True, kw_only=True):
    """One call of an endpoint. `response` is the beginning of what it answered."""

    id: UUID
    outcome: Outcome
    status_code: int | None
    duration_ms: int
    error: str
    response: str
    created_at: datetime


class WebhookDeliveryObject(ApiObject, frozen=True, kw_only=True):
    """One event to one endpoint. `attempt_count` counts since it was last sent anew; `attempts` are the newest 20."""

    id: int
    endpoint_id: UUID
    event_id: UUID
    event_type: str
    sequence: int
    position: int | None
    status: Status
    attempt_count: int
    next_attempt_at: datetime | None
    last_error: str
    delivered_at: datetime | None
    created_at: datetime
    attempts: list[AttemptObject]


class ResendObject(ApiObject, frozen=True, kw_only=True):
    """A wish to have events sent again. `after` moves on to `until` as they are; `sent_again` counts deliveries."""

    id: UUID
    endpoint_id: UUID
    scope: Scope
    after: int
    until: int
    sent_again: int
    done_at: datetime | None
    created_at: datetime


def endpoint_objects(endpoints: Sequence[Endpoint]) -> list[WebhookEndpointObject]:
    """Endpoints as API objects, in their order: one query for all."""
    found = standings([endpoint.pk for endpoint in endpoints])
    return [
        WebhookEndpointObject(
            id=endpoint.pk,
            name=endpoint.name,
            url=endpoint.url,
            event_types=list(endpoint.event_types),
            api_version=endpoint.api_version,
            format=Format(endpoint.format),
            redact=list(endpoint.redact),
            concurrency=endpoint.concurrency,
            owner_email=endpoint.owner_email,
            metadata=endpoint.metadata,
            status=EndpointStatus(endpoint.status),
            disabled_reason=Reason(endpoint.disabled_reason),
            disabled_at=endpoint.disabled_at,
            failing_since=found[endpoint.pk].failing_since,
            spared_until=found[endpoint.pk].open_until,
            last_sequence=found[endpoint.pk].last_sequence,
            gaps=list(found[endpoint.pk].gaps),
            created_at=endpoint.created_at,
            updated_at=endpoint.updated_at,
        )
        for endpoint in endpoints
    ]


def delivery_objects(deliveries: Sequence[Delivery]) -> list[WebhookDeliveryObject]:
    """Deliveries, which must come with their events: one query for all attempts."""
    found = attempts([delivery.pk for delivery in deliveries])
    return [
        WebhookDeliveryObject(
            id=delivery.pk,
            endpoint_id=delivery.endpoint_id,
            event_id=delivery.event_id,
            event_type=delivery.event.event_type,
            sequence=delivery.sequence,
            position=delivery.event.position,
            status=Status(delivery.status),
            attempt_count=delivery.attempts,
            next_attempt_at=delivery.next_attempt_at if delivery.status == Status.PENDING else None,
            last_error=delivery.last_error,
            delivered_at=delivery.delivered_at,
            created_at=delivery.created_at,
            attempts=[attempt_object(each) for each in found.get(delivery.pk, ())],
        )
        for delivery in deliveries
    ]


def attempt_object(attempt: Attempt) -> AttemptObject:
    """One attempt."""
    return AttemptObject(
        id=attempt.pk,
        outcome=Outcome(attempt.outcome),
        status_code=attempt.status_code,
        duration_ms=attempt.duration_ms,
        error=attempt.error,
        response=attempt.response,
        created_at=attempt.created_at,
    )


def resend_object(resend: Resend) -> ResendObject:
    """A wish and how far it is."""
    return ResendObject(
        id=resend.pk,
        endpoint_id=resend.endpoint_id,
        scope=Scope(resend.scope),
        after=resend.after,
        until=resend.until,
        sent_again=resend.made,
        done_at=resend.done_at,
        created_at=resend.created_at,
    )
