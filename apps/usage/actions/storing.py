"""New events into the database: their keys first, then the rows of those whose key was free.

Whoever has the same key at the same time waits for the other's commit. Keys are written in their order, so two batches
that share keys never wait for each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection, transaction

from apps.kernel.ids import uuid7s
from apps.usage.rules.event import Candidate

FEW = 20
"""Up to so many are written by one statement, which is a transaction by itself; more by COPY, which is faster a row."""

# The generation is read by the statement that writes, so that it is one of its snapshot: see the first migration.
_CLAIMED = """
latest AS MATERIALIZED (
    SELECT id FROM usage_generation ORDER BY id DESC LIMIT 1
), claimed AS (
    INSERT INTO usage_key (digest, event_id, generation)
    SELECT digest, event_id, (SELECT id FROM latest) FROM sent
    WHERE NOT ((SELECT id FROM latest) > 1 AND EXISTS (
        SELECT FROM usage_key AS older
        WHERE older.generation < (SELECT id FROM latest) AND older.digest = sent.digest
        OFFSET 0 -- one look into the index for each key: a join would read the whole table instead
    ))
    ORDER BY digest
    ON CONFLICT DO NOTHING RETURNING event_id
)"""
_REFUSED = "SELECT event_id FROM sent EXCEPT SELECT event_id FROM claimed"
_CLAIM = f"""
WITH sent AS MATERIALIZED (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[]) AS sent(digest, event_id)
), {_CLAIMED} {_REFUSED}"""  # noqa: S608
_STORE = f"""
WITH sent AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS sent(
        digest uuid, event_id uuid, subscription_id uuid, metric text, quantity numeric, "timestamp" timestamptz,
        received_at timestamptz, key text, properties jsonb
    )
), {_CLAIMED}, stored AS (
    INSERT INTO usage_event (
        id, subscription_id, metric, quantity, timestamp, received_at, idempotency_key, properties
    )
    SELECT event_id, subscription_id, metric, quantity, "timestamp", received_at, key, properties
    FROM sent JOIN claimed USING (event_id)
) {_REFUSED}"""  # noqa: S608

_COPY = """
COPY usage_event (
    id, subscription_id, metric, quantity, timestamp, received_at, idempotency_key, properties
) FROM STDIN
"""

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(slots=True)
class Taken:
    """A candidate that its subscription takes."""

    index: int
    event: Candidate
    subscription_id: str
    received_at: datetime


@dataclass(frozen=True)
class Stored:
    """What was written, under which ids, and the places in the request of those whose key was taken."""

    ids: dict[int, UUID]
    repeated: list[int]


def store(taken: Sequence[Taken]) -> Stored:
    """Write what is new of these, each key once among them: all of it, or nothing."""
    if not taken:
        return Stored({}, [])
    pairs = list(zip(uuid7s(len(taken)), taken, strict=True))
    refused = _few(pairs) if len(pairs) <= FEW else _many(pairs)
    return Stored(
        ids={each.index: id for id, each in pairs if id not in refused},
        repeated=[each.index for id, each in pairs if id in refused],
    )


def _few(pairs: Sequence[tuple[UUID, Taken]]) -> set[UUID]:
    rows = [
        {
            "digest": each.event.digest, "event_id": id, "subscription_id": each.subscription_id,
            "metric": each.event.metric, "quantity": each.event.quantity, "timestamp": each.event.timestamp,
            "received_at": each.received_at, "key": each.event.key,
            "properties": msgspec.Raw(each.event.encoded.encode()),
        }
        for id, each in pairs
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [msgspec.json.encode(rows).decode()])
        return {row[0] for row in cursor.fetchall()}


@transaction.atomic
def _many(pairs: Sequence[tuple[UUID, Taken]]) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [_array(each.event.digest for _, each in pairs), _array(id.hex for id, _ in pairs)])
        refused = {row[0] for row in cursor.fetchall()}
        rows = [_row(id.hex, each) for id, each in pairs if id not in refused]
        if rows:
            with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
                copy.write("".join(rows))
    return refused


def _array(texts: Iterable[str]) -> str:
    return "{" + ",".join(texts) + "}"


def _row(id: str, each: Taken) -> str:
    """One line of COPY's text format."""
    event = each.event
    key, encoded = event.key, event.encoded
    if not key.isprintable() or "\\" in key:
        key = key.translate(_ESCAPED)
    if "\\" in encoded:
        # JSON has no bare control characters, only backslashes.
        encoded = encoded.replace("\\", "\\\\")
    return (
        f"{id}\t{each.subscription_id}\t{event.metric}\t{event.quantity}\t{event.timestamp.isoformat()}\t"
        f"{each.received_at.isoformat()}\t{key}\t{encoded}\n"
    )
