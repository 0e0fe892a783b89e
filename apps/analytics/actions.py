"""What is done to movements: written in the transaction that made an account's level another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.accounts.queries import lock_free
from apps.analytics.models import Recount
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.ids import uuid7
from apps.kernel.statements import execute
from apps.kernel.transactions import unit_of_work

BATCH = 1000

_RECORD = """
WITH found AS MATERIALIZED (
    SELECT changed.id, changed.involuntary, account.id AS account_id, account.currency, account.test_clock_id,
           account.timezone, greatest(changed.at, newest.at) AS at, coalesce(newest.sequence, 0) AS sequence,
           coalesce(newest.level, 0) AS before, analytics_mrr(account.id) AS level
    FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::bool[]) AS changed (id, account_id, at, involuntary)
    JOIN accounts_account AS account ON account.id = changed.account_id
    LEFT JOIN LATERAL (
        SELECT movement.sequence, movement.level, movement.at FROM analytics_mrrmovement AS movement
        WHERE movement.account_id = account.id ORDER BY movement.sequence DESC LIMIT 1) AS newest ON true
)
INSERT INTO analytics_mrrmovement (
    id, created_at, account_id, sequence, currency, test_clock_id, at, local_date, kind, amount, level, involuntary)
SELECT id, %s, account_id, sequence + 1, currency, test_clock_id, at, (at AT TIME ZONE timezone)::date,
       CASE WHEN level = 0 THEN 'churn' WHEN sequence = 0 THEN 'new' WHEN before = 0 THEN 'reactivation'
            WHEN level > before THEN 'expansion' ELSE 'contraction' END,
       level - before, level, involuntary AND level < before
FROM found WHERE level <> before
"""
_COMPARED = """
SELECT account.id, coalesce(clock.frozen_time, %s), analytics_mrr(account.id) <> coalesce(newest.level, 0)
FROM (SELECT id, test_clock_id FROM accounts_account WHERE id > %s ORDER BY id LIMIT %s) AS account
LEFT JOIN clocks_testclock AS clock ON clock.id = account.test_clock_id
LEFT JOIN LATERAL (
    SELECT level FROM analytics_mrrmovement AS movement
    WHERE movement.account_id = account.id ORDER BY sequence DESC LIMIT 1) AS newest ON true
ORDER BY account.id
"""


@dataclass(frozen=True)
class Changed:
    """An account whose subscriptions changed. `involuntary`: they ended for want of payment."""

    account_id: UUID
    at: datetime
    involuntary: bool = False


def record(changed: Sequence[Changed]) -> int:
    """Write how these accounts moved, those that did; one statement. Each account once, locked by the caller."""
    if not changed:
        return 0
    accounts, at, involuntary = zip(*((each.account_id, each.at, each.involuntary) for each in changed), strict=True)
    ids = [uuid7() for _ in changed]
    return execute(_RECORD, [ids, list(accounts), list(at), list(involuntary), clock.wall()])


def recount(*, at: datetime, actor: Actor) -> int:
    """Compare the level of every account with its subscriptions, and mend it; how many were not right.

    That is nobody but where coupons of so many periods were used up, or given back, beside a change of the
    subscription; and all, where movements were not kept yet. Accounts that somebody has locked are left for the next
    hour: their change writes it. Safe to be killed: what is written stays, the rest differs still.
    """
    last, mended = UUID(int=0), 0
    while page := _compared(last, at):
        last = page[-1][0]
        differing = {pk: when for pk, when, differs in page if differs}
        if differing:
            with unit_of_work(actor):
                mended += record([Changed(each, differing[each]) for each in sorted(lock_free(differing))])
    Recount.objects.bulk_create([Recount(hour=hour_of(at), mended=mended)], ignore_conflicts=True)
    return mended


def _compared(after: UUID, at: datetime) -> list[tuple[UUID, datetime, bool]]:
    """The next accounts by id, the time of each, and whether its newest level is not that of its subscriptions."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARED, [at, after, BATCH])
        return list(cursor.fetchall())


def hour_of(at: datetime) -> datetime:
    """The hour (UTC) that an instant lies in."""
    return at.replace(minute=0, second=0, microsecond=0)
