"""What falls due here: every five minutes a look at the service levels that no request tells of."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from apps.events import queries as events
from apps.kernel.schedule import DueWork, Scope, register
from apps.ledger import queries as ledger
from apps.monitoring import queries
from apps.monitoring.actions import levels as actions
from apps.monitoring.rules import levels
from apps.monitoring.rules.levels import Counted, due_windows, state
from apps.payments import queries as payments
from apps.subscriptions import queries as subscriptions
from apps.subscriptions import usage_queries

RUN_LATE = timedelta(hours=2)
USAGE_LATE = timedelta(minutes=10)
EVENT_LATE_SECONDS = 60


def looked(at: datetime) -> Mapping[str, Callable[[datetime], Counted]]:
    """Level -> how it stood in the five minutes that began then. What has a time of its own is read of that time; what
    has none is as it is now, and of minutes in which nobody looked it is not known that anything was on time."""
    due = subscriptions.due(at, Scope()).values_list("next_billing_at", flat=True).first()
    swept = usage_queries.last_sweep()
    on_time = due is None or due > at - RUN_LATE
    fresh = swept is None or swept.swept_at > at - USAGE_LATE
    told = events.outbox_oldest_age(at) < EVENT_LATE_SECONDS
    balanced = ledger.imbalance() == 0
    newest = levels.window_of(at) - levels.EVERY
    return {
        levels.PROBE: lambda began: queries.probed(began + levels.EVERY),
        levels.PAYMENTS: lambda began: Counted(*payments.ended_between(began, began + levels.EVERY)),
        levels.RUN: lambda began: state(is_good=on_time and began == newest),
        levels.USAGE: lambda began: state(is_good=fresh and began == newest),
        levels.EVENTS: lambda began: state(is_good=told and began == newest),
        levels.LEDGER: lambda began: state(is_good=balanced),
    }


def earliest(at: datetime, scope: Scope) -> datetime | None:
    """Of the wall's clock alone: a test clock's time says nothing about how we serve."""
    if scope.clock_id is not None:
        return None
    return next(iter(due_windows(queries.last_looked(levels.LEDGER), at)), None)


def run(at: datetime, scope: Scope) -> int:
    """Look at every window that has ended since the last look. The first to write one is right: two looks are one."""
    windows = list(due_windows(queries.last_looked(levels.LEDGER), at))
    if windows:
        looks = looked(at)
        found = {(slo, began): look(began) for slo, look in looks.items() for began in windows}
        actions.note({key: counted for key, counted in found.items() if counted.total})
    return len(windows)


def pending(scope: Scope) -> int:
    """A look is one statement: nothing is ever half done."""
    return 0


WORK = register(DueWork(name="monitoring.levels", due=earliest, run=run, pending=pending))
