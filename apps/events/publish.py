"""publish(): write events and their deliveries in the caller's transaction, in two statements whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection

from apps.events import registry, waiting
from apps.events.declare import DomainEvent
from apps.events.models import Event
from apps.events.rules import Lane, Status
from apps.kernel import clock
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.ids import uuid7
from apps.kernel.statements import execute
from apps.kernel.tracing import traceparent
from apps.kernel.transactions import FEW, copy_rows, correlation, insertion, previewing
from apps.rest.objects import builtins, encode

QUEUES = {Lane.API: "events", Lane.RUN: "bulk"}

COLUMNS = (
    "id", "created_at", "event_type", "version", "effective_at", "lane", "account_id", "object_id", "correlation",
    "traceparent", "data",
)  # fmt: skip

_DELIVERIES = """
INSERT INTO events_delivery (event_id, subscriber, lane, status, attempts, next_attempt_at, last_error)
SELECT event_id, subscriber, %s, %s, 0, %s, ''
FROM unnest(%s::uuid[], %s::text[]) AS new (event_id, subscriber)
"""


@dataclass(frozen=True)
class Origin:
    """What caused events: the id of a request, and where its trace was."""

    correlation: str
    traceparent: str


def publish(events: Sequence[DomainEvent], *, lane: Lane = Lane.API) -> list[UUID]:
    """Announce `events`, in this order, and give their ids: they exist if and only if the caller's transaction commits.

    Inline subscribers run now, inside it: if one fails, so does the whole action. Queued ones hear after the commit.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("publish() needs a transaction: call it inside the action's unit_of_work")
    if not events or previewing():
        # Of a preview nothing stays: nobody would ever hear of it.
        return []
    now, origin = clock.wall(), Origin(correlation.get(), traceparent())
    ids: list[UUID] = [uuid7() for _ in events]
    rows = [_row(pk, event, now, lane, origin) for pk, event in zip(ids, events, strict=True)]
    owed = [
        (pk, found.name)
        for pk, event in zip(ids, events, strict=True)
        for found in registry.listening(event.type, inline=False)
    ]
    _write(rows, owed, now, lane)
    for subscriber in registry.subscribers(inline=True):
        heard = [pair for pair in zip(ids, events, strict=True) if pair[1].type in subscriber.types]
        if heard:
            subscriber.handler([_event(pk, event, now, lane, origin) for pk, event in heard])
    if lane is Lane.API:
        waiting.note(ids)
    ring_after_commit("events.relay", QUEUES[lane], lane=lane.value)
    return ids


def _write(rows: Sequence[tuple[object, ...]], owed: Sequence[tuple[UUID, str]], now: datetime, lane: Lane) -> None:
    """Write events and their deliveries: a few of both in one statement, many by COPY and another one."""
    table = Event._meta.db_table
    owed_ids, names = zip(*owed, strict=True) if owed else ((), ())
    delivered: list[Any] = [lane.value, Status.PENDING.value, now, list(owed_ids), list(names)]
    if not owed or len(rows) > FEW:
        copy_rows(table, COLUMNS, rows)
    if owed:
        if len(rows) > FEW:
            execute(_DELIVERIES, delivered)
        else:
            both = f"WITH new_events AS ({insertion(table, COLUMNS, len(rows))}) {_DELIVERIES}"
            execute(both, [*list[Any](chain.from_iterable(rows)), *delivered])


def _row(pk: UUID, event: DomainEvent, now: datetime, lane: Lane, origin: Origin) -> tuple[object, ...]:
    """The values of `COLUMNS`; JSON as text, which COPY takes without looking into it."""
    data = {"object": event.object, "previous_attributes": event.previous_attributes}
    return (
        pk, now, event.type, event.version, event.effective_at, lane.value, event.account_id, event.object_id,
        origin.correlation, origin.traceparent, encode(data).decode(),
    )  # fmt: skip


def _event(pk: UUID, event: DomainEvent, now: datetime, lane: Lane, origin: Origin) -> Event:
    """The row for who listens within the transaction."""
    return Event(
        id=pk,
        created_at=now,
        event_type=event.type,
        version=event.version,
        effective_at=event.effective_at,
        lane=lane.value,
        account_id=event.account_id,
        object_id=event.object_id,
        correlation=origin.correlation,
        traceparent=origin.traceparent,
        data=builtins({"object": event.object, "previous_attributes": event.previous_attributes}),
    )
