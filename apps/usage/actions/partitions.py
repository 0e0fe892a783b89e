"""Room for what comes, and the end of what is two years old: with the owner's right, by functions of the database.

Each waits two seconds for its locks and then gives up, so that ingest never waits longer; it is tried again.
"""

from datetime import datetime

from django.db import connection

from apps.kernel.actors import Actor
from apps.kernel.transactions import unit_of_work
from apps.usage.queries.partitions import MONTHS_AHEAD, Part, old


def make_partitions(*, at: datetime, actor: Actor) -> int:
    """Make the partitions of the month of `at` and the next ones; returns how many."""
    with unit_of_work(actor), connection.cursor() as cursor:
        cursor.execute("SELECT usage_make_partitions((%s AT TIME ZONE 'UTC')::date, %s)", [at, MONTHS_AHEAD])
        return int(cursor.fetchone()[0])


def turn_keys(*, at: datetime, actor: Actor) -> bool:
    """Begin a new generation of keys if the latest is a year old; returns whether it did."""
    with unit_of_work(actor), connection.cursor() as cursor:
        cursor.execute("SELECT usage_turn_keys(%s)", [at])
        return bool(cursor.fetchone()[0])


def drop_old(*, at: datetime, actor: Actor) -> list[Part]:
    """Drop what has passed its two years, each part in a commit of its own; returns what was dropped."""
    parts = [part for part in old(at) if not part.held]
    for part in parts:
        with unit_of_work(actor), connection.cursor() as cursor:
            cursor.execute("SELECT usage_drop_partition(%s)", [part.name])
    return parts
