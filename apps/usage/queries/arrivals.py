"""What has come since a watermark: the windows whose usage is not what it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.usage.queries import watermarks
from apps.usage.rules.watermark import Watermark

_TOUCHED = """
SELECT DISTINCT held.subscription_id, held.starts_at, held.ends_at FROM (
    SELECT event.subscription_id, event.timestamp FROM usage_event AS event WHERE {event}
    UNION ALL
    SELECT correction.subscription_id, correction.timestamp FROM usage_correction AS correction WHERE {correction}
) AS changed
JOIN usage_meterwindow AS held ON held.subscription_id = changed.subscription_id
    AND changed.timestamp >= held.starts_at AND (held.ends_at IS NULL OR changed.timestamp < held.ends_at)
"""


@dataclass(frozen=True)
class Touched:
    """A window in which events have arrived, or were corrected. `ends_at` is None while it is open."""

    subscription_id: UUID
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True)
class Arrivals:
    """What has changed, and the watermark from which to look the next time."""

    windows: Sequence[Touched]
    watermark: Watermark


def since(watermark: Watermark) -> Arrivals:
    """The windows with events or corrections that `watermark` does not hold, in one query.

    Whoever keeps the answer's watermark and asks again with it misses nothing, however late a transaction commits.
    """
    event, first = watermarks.missed("event", watermark)
    correction, second = watermarks.missed("correction", watermark)
    touched = _TOUCHED.format(event=event, correction=correction)
    statement = watermarks.row(
        "SELECT seen.*, touched.* FROM (SELECT {snapshot} AS snapshot, {before} AS before) AS seen LEFT JOIN ("
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{statement}{touched}) AS touched ON true ORDER BY 3, 4", [*first, *second])
        rows = cursor.fetchall()
    found = [Touched(*row[2:]) for row in rows if row[2] is not None]
    return Arrivals(found, watermarks.read(*rows[0][:2]))


_WAITING = "SELECT count(*) FROM (SELECT FROM usage_event AS event WHERE {condition} LIMIT %s) AS waiting"


def waiting(watermark: Watermark, limit: int) -> int:
    """How many events `watermark` does not hold, counted up to `limit`."""
    condition, parameters = watermarks.missed("event", watermark)
    with connection.cursor() as cursor:
        cursor.execute(_WAITING.format(condition=condition), [*parameters, limit])
        return int(cursor.fetchone()[0])
