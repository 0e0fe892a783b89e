"""What is done to the log: room is made for it, and who sees a customer's data is noted. Triggers write the rest."""

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from apps.audit.queries import MONTHS_AHEAD
from apps.audit.rules import Access
from apps.kernel.actors import Actor
from apps.kernel.transactions import unit_of_work


def make_partitions(*, at: datetime, actor: Actor) -> int:
    """Make the partitions of the month of `at` and the next ones, with the owner's right; returns how many."""
    with unit_of_work(actor), connection.cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions((%s AT TIME ZONE 'UTC')::date, %s)", [at, MONTHS_AHEAD])
        return int(cursor.fetchone()[0])


def note_access(kind: Access, *, table: str, row_id: str, details: Mapping[str, str], actor: Actor) -> bool:
    """Note that `actor` saw a row, or a file (of a row, or of none: both are empty). False: seen a short while ago."""
    with unit_of_work(actor, savepoint=False), connection.cursor() as cursor:
        given = [kind.value, table, row_id, json.dumps(dict(details))]
        cursor.execute("SELECT audit_access(%s, %s, %s, %s::jsonb)", given)
        return bool(cursor.fetchone()[0])
