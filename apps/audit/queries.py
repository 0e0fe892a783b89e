"""Reads about the log itself."""

from datetime import datetime

from django.db import connection

MONTHS_AHEAD = 3


def partitions_missing(at: datetime) -> bool:
    """Whether the month that lies MONTHS_AHEAD of `at` has no partition yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('audit_entry_'"
            " || to_char(%s AT TIME ZONE 'UTC' + make_interval(months => %s), 'YYYY_MM')) IS NULL",
            [at, MONTHS_AHEAD],
        )
        return bool(cursor.fetchone()[0])


def audited_tables() -> list[str]:
    """The tables whose changes PostgreSQL logs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgfoid = 'audit_record'::regproc AND tgenabled = 'O' ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]
