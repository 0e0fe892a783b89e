"""Send again: one event to whom it concerns, or all events of an endpoint since a time or position.

A resend of many is a row, worked off in batches by position: it survives whoever works at it, and shows how far it is.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.events.models import Event
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.matching import matches
from apps.kernel.transactions import unit_of_work
from apps.webhooks.actions.fan_out import NEW
from apps.webhooks.models import Delivery, Endpoint, EndpointState, FanOut, Resend
from apps.webhooks.rules.states import EndpointStatus, Scope, Status
from apps.webhooks.wake import wake_after_commit

BATCH = 1000

_AGAIN = """
UPDATE webhooks_delivery AS delivery
SET status = 'PENDING', attempts = 0, next_attempt_at = %(at)s, delivered_at = NULL
FROM events_event AS event
WHERE delivery.endpoint_id = %(endpoint)s AND event.id = delivery.event_id
    AND event.position > %(after)s AND event.position <= %(until)s AND delivery.status = ANY (%(states)s)
"""
_MISSING = f"""
WITH missing AS (
    SELECT event.id AS event_id, event.lane, row_number() OVER (ORDER BY event.position) AS place
    FROM events_event AS event JOIN webhooks_endpoint AS endpoint ON endpoint.id = %(endpoint)s
    WHERE event.position > %(after)s AND event.position <= %(until)s AND event.event_type LIKE ANY (endpoint.likes)
        AND NOT EXISTS (SELECT FROM webhooks_delivery AS made
            WHERE made.event_id = event.id AND made.endpoint_id = endpoint.id)
), counted AS (
    UPDATE webhooks_endpointstate SET last_sequence = last_sequence + (SELECT count(*) FROM missing)
    WHERE endpoint_id = %(endpoint)s RETURNING last_sequence - (SELECT count(*) FROM missing) AS before
)
{NEW} SELECT %(endpoint)s, event_id, before + place, lane, 'PENDING', 0, %(at)s, '', %(at)s FROM missing, counted
"""  # noqa: S608 - text of this file and of fan_out alone


def resend_event(*, event_id: UUID, endpoint_id: UUID | None, at: datetime, actor: Actor) -> Sequence[Delivery]:
    """Send one event again to an endpoint, or to all enabled ones that listen to its type.

    Errors: event_unknown, endpoint_unknown (404), endpoint_not_enabled, nobody_listens (409).
    """
    with unit_of_work(actor):
        event = Event.objects.filter(pk=event_id).first()
        if event is None or event.position is None:
            raise NotFound("event_unknown", "There is no event with this id.", hint="List them: GET /v1/events.")
        # Made while the fan-out stands still: it does not come to this event meanwhile.
        told_up_to = FanOut.objects.select_for_update().values_list("position", flat=True).get(pk=1)
        found = _concerned(event.event_type, endpoint_id)
        for endpoint in found:
            _lock(endpoint.pk)
            if event.position <= told_up_to:
                again(endpoint.pk, event.position - 1, event.position, Scope.ALL, at)
        wake_after_commit()
        return list(
            Delivery.objects.filter(event=event, endpoint__in=[each.pk for each in found])
            .select_related("event")
            .order_by("endpoint")
        )


def resend_since(
    *, endpoint_id: UUID, after: int | None, since: datetime | None, scope: Scope, at: datetime, actor: Actor
) -> Resend:
    """Have all events above a position, or made since a time, sent to an endpoint again: in batches, by the worker.

    Errors: endpoint_unknown (404), endpoint_not_enabled (409).
    """
    with unit_of_work(actor):
        endpoint = enabled(endpoint_id)
        told_up_to = FanOut.objects.values_list("position", flat=True).get(pk=1)
        if after is None:
            first = Event.objects.filter(created_at__gte=since, position__isnull=False).order_by("position")
            begins = first.values_list("position", flat=True).first()
            after = told_up_to if begins is None else begins - 1
        return _wanted(endpoint.pk, max(after, 0), told_up_to, scope, at, actor)


def resend_missed(endpoint_id: UUID, *, at: datetime, actor: Actor) -> Resend | None:
    """What an endpoint was not told while it was disabled, and what was given up before: for whoever enables it."""
    with unit_of_work(actor):
        state = EndpointState.objects.select_for_update(no_key=True).get(pk=endpoint_id)
        if state.missed_after is None:
            return None
        after, state.missed_after = state.missed_after, None
        state.failures, state.failing_since, state.open_until, state.notice_due_at = 0, None, None, None
        state.save(update_fields=["missed_after", "failures", "failing_since", "open_until", "notice_due_at"])
        told_up_to = FanOut.objects.values_list("position", flat=True).get(pk=1)
        return _wanted(endpoint_id, after, told_up_to, Scope.ALL, at, actor) if told_up_to > after else None


def resend_given_up(endpoint_id: UUID, *, since: datetime, at: datetime, actor: Actor) -> None:
    """An endpoint answers again: what was given up since it began to fail is sent once more, by itself."""
    dead = Delivery.objects.filter(endpoint=endpoint_id, status=Status.FAILED, next_attempt_at__gte=since)
    # The first and the last sequence bound the positions, and have an index.
    first = dead.order_by("sequence").values_list("event__position", flat=True).first()
    last = dead.order_by("-sequence").values_list("event__position", flat=True).first()
    if first is not None and last is not None:
        _wanted(endpoint_id, min(first, last) - 1, max(first, last), Scope.FAILED, at, actor)


def work_off(*, at: datetime, actor: Actor) -> int:
    """Go on with the oldest wish by one batch; returns at how many positions it looked, 0 when there is none."""
    with unit_of_work(actor):
        rows = Resend.objects.select_for_update(skip_locked=True).filter(done_at__isnull=True).order_by("id")
        wanted = rows.first()
        if wanted is None:
            return 0
        upto = min(wanted.after + BATCH, wanted.until)
        _lock(wanted.endpoint_id)
        made = again(wanted.endpoint_id, wanted.after, upto, Scope(wanted.scope), at)
        looked, wanted.after, wanted.made, wanted.moved_at = upto - wanted.after, upto, wanted.made + made, at
        wanted.done_at = at if upto >= wanted.until else None
        wanted.save(update_fields=["after", "made", "moved_at", "done_at"])
        return max(looked, 1)


def again(endpoint_id: UUID, after: int, until: int, scope: Scope, at: datetime) -> int:
    """Put deliveries of these positions back to work; make those that are missing, unless only dead ones are meant."""
    states = [Status.FAILED.value] if scope is Scope.FAILED else [Status.FAILED.value, Status.DELIVERED.value]
    values: dict[str, Any] = {"endpoint": endpoint_id, "after": after, "until": until, "at": at, "states": states}
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, values)
        made = cursor.rowcount
        if scope is Scope.ALL:
            cursor.execute(_MISSING, values)
            made += cursor.rowcount
    return int(made)


def enabled(endpoint_id: UUID) -> Endpoint:
    """The endpoint, which has to be enabled: nothing is sent to another."""
    endpoint = Endpoint.objects.filter(pk=endpoint_id).exclude(status=EndpointStatus.DELETED).first()
    if endpoint is None:
        raise NotFound(
            "endpoint_unknown", "There is no endpoint with this id.", hint="List them: GET /v1/webhook-endpoints."
        )
    if endpoint.status != EndpointStatus.ENABLED:
        raise Conflict(
            "endpoint_not_enabled",
            f"The endpoint is {endpoint.status}.",
            hint="Enable it first: PATCH it with status ENABLED. What it missed is then sent by itself.",
        )
    return endpoint


def _concerned(event_type: str, endpoint_id: UUID | None) -> list[Endpoint]:
    if endpoint_id is not None:
        endpoint = enabled(endpoint_id)
        if not matches(endpoint.event_types, event_type):
            raise Conflict(
                "nobody_listens",
                f"The endpoint does not listen to {event_type}.",
                hint="Have it listen to this type: PATCH its event_types.",
            )
        return [endpoint]
    found = Endpoint.objects.filter(status=EndpointStatus.ENABLED).order_by("id")
    listening = [each for each in found if matches(each.event_types, event_type)]
    if not listening:
        raise Conflict(
            "nobody_listens",
            f"No enabled endpoint listens to {event_type}.",
            hint="Make an endpoint for it, or name one by endpoint_id.",
        )
    return listening


def _lock(endpoint_id: UUID) -> None:
    EndpointState.objects.select_for_update(no_key=True).get(pk=endpoint_id)


def _wanted(endpoint_id: UUID, after: int, until: int, scope: Scope, at: datetime, actor: Actor) -> Resend:
    wake_after_commit()
    return Resend.objects.create(
        endpoint_id=endpoint_id,
        scope=scope,
        after=min(after, until),
        until=until,
        actor=str(actor),
        created_at=at,
        moved_at=at,
        done_at=at if after >= until else None,
    )
