"""Make deliveries of events, by position: where they match, exactly once, numbered without a gap for each endpoint.

Reading by position skips nothing, however late a transaction commits. Where nobody listens nothing is written.
"""

from django.db import connection

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.transactions import unit_of_work

BATCH = 2000

_LOCK = "SELECT position FROM webhooks_fanout WHERE id = 1 FOR UPDATE SKIP LOCKED"
_ANY = "SELECT EXISTS (SELECT FROM events_event WHERE position > %s)"
_STATES = "SELECT FROM webhooks_endpointstate ORDER BY endpoint_id FOR UPDATE"
"""In one order with whoever records: neither waits for the other in a circle."""

NEW = """
    INSERT INTO webhooks_delivery (
        endpoint_id, event_id, sequence, lane, status, attempts, next_attempt_at, last_error, created_at
    )
"""
_MAKE = f"""
WITH batch AS (
    SELECT id, position, event_type, lane FROM events_event
    WHERE position > %(after)s ORDER BY position LIMIT %(batch)s
), matched AS (
    SELECT endpoint.id AS endpoint_id, batch.id AS event_id, batch.lane,
        row_number() OVER (PARTITION BY endpoint.id ORDER BY batch.position) AS place
    FROM batch JOIN webhooks_endpoint AS endpoint
        ON endpoint.status = 'ENABLED' AND batch.event_type LIKE ANY (endpoint.likes)
), counted AS (
    UPDATE webhooks_endpointstate AS state SET last_sequence = state.last_sequence + much.number
    FROM (SELECT endpoint_id, count(*) AS number FROM matched GROUP BY endpoint_id) AS much
    WHERE state.endpoint_id = much.endpoint_id
    RETURNING state.endpoint_id, state.last_sequence - much.number AS before
), made AS (
    {NEW}
    SELECT endpoint_id, event_id, before + place, lane, 'PENDING', 0, %(now)s, '', %(now)s
    FROM matched JOIN counted USING (endpoint_id)
    RETURNING 1
)
UPDATE webhooks_fanout SET position = (SELECT max(position) FROM batch) WHERE id = 1
RETURNING (SELECT count(*) FROM batch), (SELECT count(*) FROM made)
"""  # noqa: S608 - text of this file alone


def fan_out(*, actor: Actor) -> tuple[int, int]:
    """Look at the next events; returns how many there were, and how many deliveries were made of them.

    Nothing while another process does it.
    """
    with unit_of_work(actor), connection.cursor() as cursor:
        cursor.execute(_LOCK)
        held = cursor.fetchone()
        if held is None:
            return 0, 0
        cursor.execute(_ANY, held)
        if not cursor.fetchone()[0]:
            return 0, 0
        cursor.execute(_STATES)
        cursor.execute(_MAKE, {"after": held[0], "batch": BATCH, "now": clock.wall()})
        looked, made = cursor.fetchone()
        return int(looked), int(made)
