"""Due work of usage: room for months and years to come, and retention. By the wall: test clocks have no part in it."""

from collections.abc import Callable
from datetime import datetime

from apps.kernel.actors import system
from apps.kernel.schedule import DueWork, Scope, register
from apps.usage.actions import partitions
from apps.usage.queries.partitions import keys_due, months_missing, old

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
    return len(partitions.drop_old(at=at, actor=system(RETENTION))) if scope.clock_id is None else 0


def _pending(scope: Scope) -> int:
    return 0  # done within the transaction that runs it


register(DueWork(ROOM, due=_when(lambda at: months_missing(at) or keys_due(at)), run=_make, pending=_pending))
register(DueWork(RETENTION, due=_when(lambda at: any(not part.held for part in old(at))), run=_drop, pending=_pending))
