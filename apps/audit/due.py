"""Due work of the log: the next months' partitions. Wall time only; test clocks have no part in it."""

from datetime import datetime

from apps.audit import actions, queries
from apps.kernel import schedule
from apps.kernel.actors import system
from apps.kernel.schedule import DueWork, Scope

NAME = "audit.partitions"


def _due(at: datetime, scope: Scope) -> datetime | None:
    return at if scope.clock_id is None and queries.partitions_missing(at) else None


def _run(at: datetime, scope: Scope) -> int:
    return actions.make_partitions(at=at, actor=system(NAME)) if scope.clock_id is None else 0


def _pending(scope: Scope) -> int:
    return 0  # made within the transaction that runs it


schedule.register(DueWork(name=NAME, due=_due, run=_run, pending=_pending))
