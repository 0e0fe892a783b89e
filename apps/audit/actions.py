"""What is done to the log: room is made for it. Its rows are written by triggers alone."""

from datetime import datetime

from django.db import connection

from apps.audit.queries import MONTHS_AHEAD
from apps.kernel.actors import Actor
from apps.kernel.transactions import unit_of_work


def make_partitions(*, at: datetime, actor: Actor) -> int:
    """Make the partitions of the month of `at` and the next ones, with the owner's right; returns how many."""
    with unit_of_work(actor), connection.cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions((%s AT TIME ZONE 'UTC')::date, %s)", [at, MONTHS_AHEAD])
        return int(cursor.fetchone()[0])
