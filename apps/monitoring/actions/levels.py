"""Service levels as rows: counted by web, looked at by beat every five minutes; right without Prometheus."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from apps.monitoring.rules.levels import Counted

Windows = Mapping[tuple[str, datetime], Counted]

_ADD = """
INSERT INTO monitoring_levelcount AS held (slo, started_at, good, total)
SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::bigint[], %s::bigint[])
ON CONFLICT (slo, started_at) DO {conflict}
"""


def add(windows: Windows) -> None:
    """What one process has counted since it last said so, on top of what others have."""
    _write(windows, "UPDATE SET good = held.good + EXCLUDED.good, total = held.total + EXCLUDED.total")


def note(windows: Windows) -> None:
    """What was seen in windows that have ended; the first look counts."""
    _write(windows, "NOTHING")


def _write(windows: Windows, conflict: str) -> None:
    rows = sorted((slo, started_at, each.good, each.total) for (slo, started_at), each in windows.items())
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_ADD.format(conflict=conflict), [list(column) for column in zip(*rows, strict=True)])
