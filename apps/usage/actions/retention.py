"""Windows and corrections of events that are gone are forgotten, a thousand in a commit, so that nobody waits."""

from datetime import datetime

from django.db import connection

from apps.kernel.actors import Actor
from apps.kernel.transactions import unit_of_work
from apps.usage.queries.retention import CORRECTIONS, WINDOWS, before

BATCH, BATCHES = 1000, 50
_WINDOWS = f"DELETE FROM usage_meterwindow WHERE id IN (SELECT id {WINDOWS} LIMIT %s)"  # noqa: S608
_CORRECTIONS = f"DELETE FROM usage_correction WHERE id IN (SELECT id {CORRECTIONS} LIMIT %s)"  # noqa: S608


def forget(*, at: datetime, actor: Actor) -> tuple[int, int]:
    """Forget what nothing needs any more, 50,000 of each at most; how many windows and how many corrections."""
    gone = before(at)
    return _emptied(_WINDOWS, gone, actor), _emptied(_CORRECTIONS, gone, actor)


def _emptied(statement: str, gone: datetime, actor: Actor) -> int:
    total = 0
    for _ in range(BATCHES):
        with unit_of_work(actor), connection.cursor() as cursor:
            cursor.execute(statement, [gone, BATCH])
            deleted = cursor.rowcount
        total += deleted
        if deleted < BATCH:
            break
    return total
