"""Write what happened and when to look again, in bulk, inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from apps.accounts.models import Account
from apps.dunning.events import StepTaken
from apps.dunning.models import History
from apps.dunning.objects import step_objects
from apps.events.publish import publish
from apps.events.rules import Lane

_WATCH = """
INSERT INTO dunning_watch (account_id, clock_id, next_at)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[])
ON CONFLICT (account_id) DO UPDATE SET next_at = {next_at}
"""
_SET = _WATCH.format(next_at="excluded.next_at")
_SOONER = _WATCH.format(next_at="least(dunning_watch.next_at, excluded.next_at)")

Next = tuple[Account, datetime | None]


def publish_steps(rows: Sequence[History], *, lane: Lane = Lane.API) -> None:
    """Write rows of the history and announce them; accounts are locked, so no reminder is written twice."""
    History.objects.bulk_create(rows)
    publish(
        [
            StepTaken(object=shown, object_id=row.pk, account_id=row.account_id, effective_at=row.at)
            for row, shown in zip(rows, step_objects(rows), strict=True)
        ],
        lane=lane,
    )


def watch(accounts: Sequence[Next], *, sooner: bool = False) -> None:
    """Note when to look at these accounts next. `sooner`: unless an earlier time is noted."""
    if not accounts:
        return
    ids, clocks, instants = zip(*((each.pk, each.test_clock_id, at) for each, at in accounts), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_SOONER if sooner else _SET, [list(ids), list(clocks), list(instants)])
