"""Reads about the log itself."""

from datetime import datetime

from django.apps import apps
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


def tables() -> list[str]:
    """The tables of ours that an entry may be about: changes of most are logged, the rows of any can be viewed."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith("apps.")]
    return sorted({model._meta.db_table for config in ours for model in config.get_models(include_auto_created=True)})


def audited_tables() -> list[str]:
    """The tables whose changes PostgreSQL logs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgfoid = 'audit_record'::regproc AND tgenabled = 'O' ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]
