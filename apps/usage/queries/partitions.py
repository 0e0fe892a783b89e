"""What there is room for, and what is old enough to go."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.usage.queries.windows import needed_since

MONTHS_AHEAD = 3

# Sizes and numbers of rows are PostgreSQL's estimates: nothing is counted.
_OLD = """
SELECT name, ended, bytes, rows FROM (
    SELECT relname AS name, pg_total_relation_size(pg_class.oid) AS bytes, greatest(reltuples, 0)::bigint AS rows,
           CASE WHEN relname ~ '^usage_event_[0-9]{4}_[0-9]{2}$'
                THEN (to_date(right(relname, 7), 'YYYY_MM')::timestamp + interval '1 month') AT TIME ZONE 'UTC'
                WHEN relname ~ '^usage_key_[0-9]+$'
                THEN (SELECT started_at FROM usage_generation WHERE id = split_part(relname, '_', 3)::smallint + 1)
           END AS ended
    FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid
    WHERE inhparent IN ('usage_event'::regclass, 'usage_key'::regclass)
) AS part WHERE ended <= %s - interval '2 years' ORDER BY ended, name
"""


@dataclass(frozen=True)
class Part:
    """A month of events, or a year of keys, that ended at least two years ago. `held`: a period still needs it."""

    name: str
    ended: datetime
    bytes: int
    rows: int
    held: bool


def months_missing(at: datetime) -> bool:
    """Whether the month that lies MONTHS_AHEAD of `at` has no partition yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('usage_event_'"
            " || to_char(%s AT TIME ZONE 'UTC' + make_interval(months => %s), 'YYYY_MM')) IS NULL",
            [at, MONTHS_AHEAD],
        )
        return bool(cursor.fetchone()[0])


def keys_due(at: datetime) -> bool:
    """Whether the latest generation of keys is a year old."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(started_at) + interval '1 year' <= %s FROM usage_generation", [at])
        return bool(cursor.fetchone()[0])


def old(at: datetime) -> list[Part]:
    """What has passed its two years, the oldest first. A month that an unfinished period reaches back to is held."""
    since = needed_since(at)
    with connection.cursor() as cursor:
        cursor.execute(_OLD, [at])
        return [
            Part(name, ended, size, rows, held=name.startswith("usage_event") and since is not None and since < ended)
            for name, ended, size, rows in cursor.fetchall()
        ]
