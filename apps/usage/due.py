"""Due work of usage: room for months and years to come, and retention. By the wall: test clocks have no part in it."""

from collections.abc import Callable
from datetime import datetime

from apps.kernel.actors import system
from apps.kernel.schedule import DueWork, Scope, register
from apps.usage.actions import partitions
from apps.usage.actions.retention import forget
from apps.usage.queries.partitions import keys_due, months_missing, old
from apps.usage.queries.retention import any_useless

ROOM, RETENTION = "usage.partitions", "usage.retention"


def _when(asked: Callable[[datetime], bool]) -> Callable[[datetime, Scope], datetime | None]:
    def due(at: datetime, scope: Scope) -> datetime | None:
        return at if scope.clock_id is None and asked(at) else None

    return due


def _make(at: datetime, scope: Scope) -> int:
    if scope.clock_id is not None:
        return 0
    made = partitions.make_partitions(at=at, actor=system(ROOM))
    return made + partitions.turn_keys(at=at, actor=system(ROOM))


def _drop(at: datetime, scope: Scope) -> int:
    if scope.clock_id is not None:
        return 0
    dropped = len(partitions.drop_old(at=at, actor=system(RETENTION)))
    return dropped + sum(forget(at=at, actor=system(RETENTION)))


def _is_old(at: datetime) -> bool:
    return any(not part.held for part in old(at)) or any_useless(at)


def _pending(scope: Scope) -> int:
    return 0  # done within the transaction that runs it


register(DueWork(ROOM, due=_when(lambda at: months_missing(at) or keys_due(at)), run=_make, pending=_pending))
register(DueWork(RETENTION, due=_when(_is_old), run=_drop, pending=_pending))
