"""What falls due here: renewals, billed by runs, dry runs to add up, bulk moves, re-ratings,
pauses that come to their end, and days whose changes are invoiced as one."""

from datetime import datetime

import structlog

from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.errors import DomainError
from apps.kernel.schedule import DueWork, Scope, register
from apps.subscriptions import queries, rerating_queries, usage_queries
from apps.subscriptions.actions import late, rerate, thresholds
from apps.subscriptions.actions.day_end import invoice_day
from apps.subscriptions.actions.forecast import forecast
from apps.subscriptions.actions.move import go_on
from apps.subscriptions.actions.notice import announce_ahead
from apps.subscriptions.actions.resume import wake
from apps.subscriptions.actions.run import BUDGET, run_due
from apps.subscriptions.actions.stop import stop
from apps.subscriptions.models import BulkMove
from apps.subscriptions.rules.lifecycle import NOTICE
from apps.subscriptions.rules.runs import WAITING

ACTOR = system("subscriptions.renew")
FORECASTER = system("subscriptions.forecast")
WAKER = system("subscriptions.wake")
METERER = system("subscriptions.late_usage")
HERALD = system("subscriptions.notice")
DAY_ENDER = system("subscriptions.day_end")
ANNOUNCER = system("subscriptions.usage_thresholds")
BATCH = 200

logger = structlog.get_logger(__name__)


def earliest(at: datetime, scope: Scope) -> datetime | None:
    """When the longest due renewal fell due; `at` when all there is are a run to end, or some that stopped before.

    While the run waits for a person nothing is to be done: what falls due waits with it.
    """
    under_way = queries.unfinished(scope)
    if under_way and under_way.status in WAITING:
        return None
    # The first row by index: as an aggregate PostgreSQL reads all accounts.
    first = queries.due(at, scope).values_list("next_billing_at", flat=True).first()
    if first is not None:
        return first
    waits = under_way is not None or queries.due_again(at, scope, wall=clock.wall()).exists()
    return at if waits else None


def run(at: datetime, scope: Scope) -> int:
    """Bill all that is due, in batches; a subscription that stops is left for a later run."""
    ran = run_due(at=at, scope=scope, actor=ACTOR)
    # A run that a dead worker left with nothing to do is a piece too: it is ended.
    return max(1, ran.renewed.pieces) if ran else 0


def pending(scope: Scope) -> int:
    """A renewal is one transaction: nothing is ever half done."""
    return 0


def earliest_forecast(at: datetime, scope: Scope) -> datetime | None:
    """`at` when there is one to add up: people ask for them, on whatever clock, and wait by the wall's."""
    return at if scope.clock_id is None and queries.forecasting().exists() else None


def run_forecasts(at: datetime, scope: Scope) -> int:
    """Add up the oldest dry run, or as much of it as fits into a tick."""
    run = queries.forecasting().first()
    if run is not None:
        forecast(run, actor=FORECASTER, until=clock.monotonic() + BUDGET)
    return int(run is not None)


def earliest_move(at: datetime, scope: Scope) -> datetime | None:
    """`at` while subscribers are being moved, on whatever clock they live."""
    return at if scope.clock_id is None and BulkMove.objects.filter(finished_at=None).exists() else None


def run_moves(at: datetime, scope: Scope) -> int:
    """Go on with the oldest bulk move."""
    move = BulkMove.objects.filter(finished_at=None).select_related("to_version").order_by("pk").first()
    return max(1, go_on(move, until=clock.monotonic() + BUDGET)) if move else 0


def earliest_rerating(at: datetime, scope: Scope) -> datetime | None:
    """`at` while something is rated again, on whatever clock it lives."""
    return at if scope.clock_id is None and rerating_queries.under_way().exists() else None


def run_reratings(at: datetime, scope: Scope) -> int:
    """Go on with the oldest re-rating."""
    rerating = rerating_queries.under_way().first()
    return max(1, rerate.go_on(rerating, until=clock.monotonic() + BUDGET)) if rerating else 0


def earliest_wake(at: datetime, scope: Scope) -> datetime | None:
    """When the pause that is longest over came to its end."""
    return queries.waking(at, scope, wall=clock.wall()).values_list("wakes_at", flat=True).first()


def run_wakes(at: datetime, scope: Scope) -> int:
    """End pauses whose time has come, each by itself; one that cannot be billed is tried later."""
    ids = list(queries.waking(at, scope, wall=clock.wall()).values_list("pk", flat=True)[:BATCH])
    for subscription_id in ids:
        try:
            wake(subscription_id=subscription_id, at=at, actor=WAKER)
        except DomainError as refusal:
            stop(subscription_id, refusal, at=at, actor=WAKER)
    return len(ids)


def earliest_notice(at: datetime, scope: Scope) -> datetime | None:
    """Since when an invoice or the end of a trial is near that was not announced."""
    first = queries.to_announce(at, scope).values_list("next_billing_at", flat=True).first()
    return first - NOTICE if first else None


def run_notices(at: datetime, scope: Scope) -> int:
    """Announce them, batch after batch."""
    until, done = clock.monotonic() + BUDGET, 0
    while batch := announce_ahead(at=at, scope=scope, actor=HERALD):
        done += batch
        if clock.monotonic() > until:
            break
    return done


def earliest_day_end(at: datetime, scope: Scope) -> datetime | None:
    """When the day ended whose changes have waited longest for their invoice."""
    return queries.day_ended(at, scope, wall=clock.wall()).values_list("invoice_at", flat=True).first()


def run_day_ends(at: datetime, scope: Scope) -> int:
    """Invoice the changes of days that are over, each subscription by itself; one that cannot be is tried later."""
    waiting = queries.day_ended(at, scope, wall=clock.wall()).values_list("subscription_id", flat=True)[:BATCH]
    ids = list(dict.fromkeys(pk for pk in waiting if pk))
    for subscription_id in ids:
        try:
            invoice_day(subscription_id=subscription_id, at=at, actor=DAY_ENDER)
        except DomainError as refusal:
            stop(subscription_id, refusal, at=at, actor=DAY_ENDER)
    return len(ids)


def earliest_late(at: datetime, scope: Scope) -> datetime | None:
    """When usage that came late is to be rated again. It is looked for here, so that a clock's step finds it too."""
    late.sweep(actor=METERER, often=scope.clock_id is not None)
    return since_late(at, scope)


def since_late(at: datetime, scope: Scope) -> datetime | None:
    """The same of what has been found."""
    return queries.recounts(at, scope, wall=clock.wall()).values_list("due_at", flat=True).first()


def run_late(at: datetime, scope: Scope) -> int:
    """Invoice what late usage changes, each subscription by itself; one that cannot be is tried later."""
    waiting = queries.recounts(at, scope, wall=clock.wall()).values_list("subscription_id", flat=True)[:BATCH]
    ids = list(dict.fromkeys(waiting))
    for subscription_id in ids:
        try:
            late.bill_late(subscription_id=subscription_id, at=at, actor=METERER)
        except DomainError as refusal:
            stop(subscription_id, refusal, at=at, actor=METERER)
    return len(ids)


def earliest_thresholds(at: datetime, scope: Scope) -> datetime | None:
    """Since when usage counts that is to be compared with thresholds. Beat does so on whatever clock it came."""
    return queries.threshold_checks(scope, wall=clock.wall()).values_list("starts_at", flat=True).first()


def run_thresholds(at: datetime, scope: Scope) -> int:
    """Announce what has been reached, batch after batch."""
    until, done = clock.monotonic() + BUDGET, 0
    while batch := thresholds.compare(scope=scope, size=BATCH, actor=ANNOUNCER):
        done += batch
        if clock.monotonic() > until:
            break
    return done


def earliest_forgetting(at: datetime, scope: Scope) -> datetime | None:
    """`at` when notes of late usage are old enough to be forgotten. By the wall: test clocks have no part in it."""
    return at if scope.clock_id is None and usage_queries.old_recounts(at).exists() else None


def run_forgetting(at: datetime, scope: Scope) -> int:
    """Forget some of them."""
    return late.forget_recounts(at=at, actor=METERER) if scope.clock_id is None else 0


# Before renewals: what was late of yesterday is on an invoice before today's.
LATE_USAGE = register(
    DueWork(name="subscriptions.late_usage", due=earliest_late, run=run_late, pending=pending, since=since_late)
)
THRESHOLDS = register(
    DueWork(name="subscriptions.usage_thresholds", due=earliest_thresholds, run=run_thresholds, pending=pending)
)
FORGETTING = register(
    DueWork(name="subscriptions.usage_retention", due=earliest_forgetting, run=run_forgetting, pending=pending)
)
WORK = register(DueWork(name="subscriptions.renew", due=earliest, run=run, pending=pending))
FORECASTS = register(DueWork(name="subscriptions.forecast", due=earliest_forecast, run=run_forecasts, pending=pending))
MOVES = register(DueWork(name="subscriptions.move", due=earliest_move, run=run_moves, pending=pending))
RERATINGS = register(DueWork(name="subscriptions.rerate", due=earliest_rerating, run=run_reratings, pending=pending))
WAKES = register(DueWork(name="subscriptions.wake", due=earliest_wake, run=run_wakes, pending=pending))
NOTICES = register(DueWork(name="subscriptions.trial_notice", due=earliest_notice, run=run_notices, pending=pending))
DAY_ENDS = register(DueWork(name="subscriptions.day_end", due=earliest_day_end, run=run_day_ends, pending=pending))
