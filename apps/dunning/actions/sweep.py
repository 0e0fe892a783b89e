"""Judge all whose time has come, in batches, each its own commit; one that cannot be judged keeps nobody waiting."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection

from apps.dunning.actions.judge import judge
from apps.dunning.models import Look, Watch
from apps.dunning.queries import to_look_at
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.schedule import Scope
from apps.kernel.transactions import unit_of_work

BATCH = 500
BUDGET = 45.0
"""Seconds that one tick goes on; the next one finds the rest."""
LATER = timedelta(hours=1)
"""When an account that could not be judged has its next turn."""

_OVERDUE = """
INSERT INTO dunning_watch (account_id, clock_id, next_at)
SELECT DISTINCT account.id, NULL::uuid, %s::timestamptz
FROM accounts_account AS account
JOIN (
    SELECT account_id FROM invoices_invoice WHERE status = 'OPEN' AND due_date < %s
    UNION SELECT account_id FROM dunning_standing WHERE status <> 'CURRENT' OR due_date IS NOT NULL
) AS behind ON behind.account_id = account.id
WHERE account.test_clock_id IS NULL
ON CONFLICT (account_id) DO UPDATE SET next_at = excluded.next_at WHERE dunning_watch.next_at IS NULL
"""

logger = structlog.get_logger(__name__)


def sweep(at: datetime, scope: Scope, *, actor: Actor) -> int:
    """Judge what is due at `at`; returns how many were judged."""
    until, total = clock.monotonic() + BUDGET, 0
    while clock.monotonic() < until:
        ids = list(to_look_at(at, scope).values_list("account_id", flat=True)[:BATCH])
        if not ids:
            break
        _judge(ids, at, actor)
        total += len(ids)
    return total


def look(at: datetime, *, actor: Actor) -> int:
    """Have everything overdue looked at, whatever was noted about it; once a day (UTC)."""
    with unit_of_work(actor):
        Look.objects.bulk_create([Look(day=at.date())], ignore_conflicts=True)
        with connection.cursor() as cursor:
            cursor.execute(_OVERDUE, [at, at.date()])
            found = int(cursor.rowcount)
    logger.info("dunning_looked_at_all", accounts=found)
    return max(1, found)


def _judge(ids: Collection[UUID], at: datetime, actor: Actor) -> None:
    try:
        judge(at=dict.fromkeys(ids, at), actor=actor, lane=Lane.RUN)
    except Exception:
        if len(ids) > 1:
            logger.warning("dunning_batch_failed", accounts=len(ids), exc_info=True)
            for each in ids:
                _judge([each], at, actor)
            return
        [account_id] = ids
        logger.exception("dunning_failed", account_id=str(account_id))
        with unit_of_work(actor):
            Watch.objects.filter(account_id=account_id).update(next_at=at + LATER)
