"""What nothing needs any more once the events that it was about are gone: windows, and corrections."""

from datetime import datetime

from django.db import connection

# Before the oldest month that is still there, and two years: events of a month that is held are corrected and rated.
_BEFORE = """
SELECT least(%s - interval '2 years', min(to_date(right(relname, 7), 'YYYY_MM')::timestamp AT TIME ZONE 'UTC'))
FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid
WHERE inhparent = 'usage_event'::regclass AND relname ~ '^usage_event_[0-9]{4}_[0-9]{2}$'
"""
WINDOWS = "FROM usage_meterwindow WHERE clock_id IS NULL AND accept_until <= %s"
CORRECTIONS = """
FROM usage_correction WHERE event_id < usage_floor(%s)
  AND NOT EXISTS (SELECT FROM usage_event WHERE usage_event.id = usage_correction.event_id)"""


def before(at: datetime) -> datetime:
    """Events that arrived before this instant are gone."""
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, [at])
        found: datetime = cursor.fetchone()[0]
    return found


def any_useless(at: datetime) -> bool:
    """Whether there is a window or a correction of nothing but events that are gone."""
    gone = before(at)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT {WINDOWS}) OR EXISTS (SELECT {CORRECTIONS})", [gone, gone])
        return bool(cursor.fetchone()[0])


def useless(at: datetime) -> tuple[int, int]:
    """How many windows and how many corrections that are."""
    gone = before(at)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT (SELECT count(*) {WINDOWS}), (SELECT count(*) {CORRECTIONS})", [gone, gone])
        windows, corrections = cursor.fetchone()
    return windows, corrections
