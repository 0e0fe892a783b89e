"""Positions: the one order in which events are read. Gapless, given after the commit, by one sequencer at a time.

Ids and serials are not in the order of commits: a reader who goes by them skips whatever commits late. A position is
given only to an event that is committed, above all those given already, so a late commit gets a later position.
The lock is held until the positions are committed, so no position can be seen before all those below it.
"""

from django.db import connection, transaction

from apps.events import followers

LOCK = 7_301_001
"""Key of the advisory lock of the sequencer."""

BATCH = 5_000

_ASSIGN = """
UPDATE events_event SET position = numbered.position
FROM (
    SELECT id, (SELECT coalesce(max(position), 0) FROM events_event) + row_number() OVER (ORDER BY id) AS position
    FROM (SELECT id FROM events_event WHERE position IS NULL ORDER BY id LIMIT %s) AS waiting
) AS numbered
WHERE events_event.id = numbered.id
"""


def assign() -> int:
    """Give positions to all committed events that have none; 0 at once while another process does it."""
    total = 0
    while assigned := _batch():
        # Again until nothing is left: whoever met our lock went away and counts on us.
        total += assigned
    if total:
        transaction.on_commit(followers.tell, robust=True)
    return total


def _batch() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        # A statement of its own: the next one must see what the last holder of the lock has committed.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_ASSIGN, [BATCH])
        return int(cursor.rowcount)
