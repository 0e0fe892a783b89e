"""publish(): write events and their deliveries in the caller's transaction, in two statements whatever their number."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from apps.events import registry, waiting
from apps.events.declare import DomainEvent
from apps.events.ids import rising
from apps.events.models import Event
from apps.events.rules import Lane, Status
from apps.kernel import clock
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.transactions import correlation
from apps.rest.objects import builtins, encode

QUEUES = {Lane.API: "events", Lane.RUN: "bulk"}

_EVENTS = """
INSERT INTO events_event
    (id, created_at, event_type, version, effective_at, lane, account_id, object_id, correlation, data)
SELECT id, %s, event_type, version, effective_at, %s, account_id, object_id, %s, data::jsonb
FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::timestamptz[], %s::uuid[], %s::uuid[], %s::text[])
    AS new (id, event_type, version, effective_at, account_id, object_id, data)
"""

_DELIVERIES = """
INSERT INTO events_delivery (event_id, subscriber, lane, status, attempts, next_attempt_at, last_error)
SELECT event_id, subscriber, %s, %s, 0, %s, ''
FROM unnest(%s::uuid[], %s::text[]) AS new (event_id, subscriber)
"""


def publish(events: Sequence[DomainEvent], *, lane: Lane = Lane.API) -> list[Event]:
    """Announce `events`, in this order: they exist if and only if the caller's transaction commits.

    Inline subscribers run now, inside it: if one fails, so does the whole action. Queued ones hear after the commit.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("publish() needs a transaction: call it inside the action's unit_of_work")
    if not events:
        return []
    rows = _rows(events, lane)
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, _columns(rows))
        owed = [(row.id, found.name) for row in rows for found in registry.listening(row.event_type, inline=False)]
        if owed:
            ids, names = zip(*owed, strict=True)
            cursor.execute(_DELIVERIES, [lane.value, Status.PENDING.value, rows[0].created_at, list(ids), list(names)])
    for subscriber in registry.subscribers(inline=True):
        heard = [row for row in rows if row.event_type in subscriber.types]
        if heard:
            subscriber.handler(heard)
    if lane is Lane.API:
        waiting.note([row.id for row in rows])
    ring_after_commit("events.relay", QUEUES[lane], lane=lane.value)
    return rows


def _rows(events: Sequence[DomainEvent], lane: Lane) -> list[Event]:
    """Event rows as they are about to be written."""
    now, request = clock.wall(), correlation.get()
    return [
        Event(
            id=event_id,
            created_at=now,
            event_type=event.type,
            version=event.version,
            effective_at=event.effective_at,
            lane=lane.value,
            account_id=event.account_id,
            object_id=event.object_id,
            correlation=request,
            data=builtins({"object": event.object, "previous_attributes": event.previous_attributes}),
        )
        for event_id, event in zip(rising(len(events)), events, strict=True)
    ]


def _columns(rows: Sequence[Event]) -> list[Any]:
    """The parameters of `_EVENTS`: one array a column."""
    return [
        rows[0].created_at,
        rows[0].lane,
        rows[0].correlation,
        [row.id for row in rows],
        [row.event_type for row in rows],
        [row.version for row in rows],
        [row.effective_at for row in rows],
        [row.account_id for row in rows],
        [row.object_id for row in rows],
        [encode(row.data).decode() for row in rows],
    ]
