"""publish(): write events and their deliveries in the caller's transaction, in two statements whatever their number."""

from collections.abc import Sequence

from django.db import connection

from apps.events import registry, waiting
from apps.events.declare import DomainEvent
from apps.events.models import Event
from apps.events.rules import Lane, Status
from apps.kernel import clock
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.ids import uuid7
from apps.kernel.transactions import copy_rows, correlation, previewing
from apps.rest.objects import builtins, encode

QUEUES = {Lane.API: "events", Lane.RUN: "bulk"}

COLUMNS = (
    "id", "created_at", "event_type", "version", "effective_at", "lane", "account_id", "object_id", "correlation",
    "data",
)  # fmt: skip

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
    copy_rows(Event._meta.db_table, COLUMNS, [_written(row) for row in rows])
    owed = [(row.id, found.name) for row in rows for found in registry.listening(row.event_type, inline=False)]
    if owed:
        ids, names = zip(*owed, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_DELIVERIES, [lane.value, Status.PENDING.value, rows[0].created_at, list(ids), list(names)])
    for subscriber in registry.subscribers(inline=True):
        heard = [row for row in rows if row.event_type in subscriber.types]
        if heard:
            subscriber.handler(heard)
    if lane is Lane.API and not previewing():
        waiting.note([row.id for row in rows])
    ring_after_commit("events.relay", QUEUES[lane], lane=lane.value)
    return rows


def _rows(events: Sequence[DomainEvent], lane: Lane) -> list[Event]:
    """Event rows as they are about to be written."""
    now, request = clock.wall(), correlation.get()
    return [
        Event(
            id=uuid7(),
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
        for event in events
    ]


def _written(row: Event) -> tuple[object, ...]:
    """The values of `COLUMNS`; JSON as text, which COPY takes without looking into it."""
    return (*(getattr(row, column) for column in COLUMNS[:-1]), encode(row.data).decode())
