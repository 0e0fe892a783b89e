"""New events into the database: their keys first, then the rows of those whose key was free.

Whoever has the same key at the same time waits for the other's commit. Keys are written in their order, so two batches
that share keys never wait for each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.kernel.ids import uuid7s
from apps.usage.rules.event import Candidate

# The generation is read by the statement that writes, so that it is one of its snapshot: see the first migration.
_CLAIM = """
WITH sent AS MATERIALIZED (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[]) AS sent(digest, event_id)
), claimed AS (
    INSERT INTO usage_key (digest, event_id, generation)
    SELECT digest, event_id, (SELECT max(id) FROM usage_generation) FROM sent
    WHERE NOT ((SELECT max(id) > min(id) FROM usage_generation) AND EXISTS (
        SELECT FROM usage_key AS older
        WHERE older.generation < (SELECT max(id) FROM usage_generation) AND older.digest = sent.digest
        OFFSET 0 -- one look into the index for each key: a join would read the whole table instead
    ))
    ORDER BY digest
    ON CONFLICT DO NOTHING RETURNING event_id
)
SELECT event_id FROM sent EXCEPT SELECT event_id FROM claimed
"""

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
    """Write what is new of these, each key once among them, inside the open transaction."""
    ids = uuid7s(len(taken))
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [_array([each.event.digest for each in taken]), _array([id.hex for id in ids])])
        refused = {row[0] for row in cursor.fetchall()}
        pairs = list(zip(ids, taken, strict=True))
        new = [pair for pair in pairs if pair[0] not in refused] if refused else pairs
        if new:
            with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
                copy.write("".join([_row(id.hex, each) for id, each in new]))
    return Stored(
        ids={each.index: id for id, each in new}, repeated=[each.index for id, each in pairs if id in refused]
    )


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
