"""Runs: all that is due is billed, batch by batch, on a row that says how far it has come and what stopped."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from apps.accounts import queries as accounts
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import NotFound
from apps.kernel.schedule import Scope
from apps.kernel.transactions import unit_of_work
from apps.subscriptions import queries
from apps.subscriptions.actions.forecast import forecast, thresholds
from apps.subscriptions.actions.renew import renew, renew_claimed
from apps.subscriptions.actions.stop import Renewed
from apps.subscriptions.models import BillingRun, Subscription
from apps.subscriptions.rules.runs import RunStatus

logger = structlog.get_logger(__name__)

BUDGET = 50.0
"""Seconds after which no further batch is begun: the tick after goes on, so that a long run holds up nothing else."""
WORKERS = 16
"""So many workers find batches of their own; more of them wait for each other."""
RETRIED_AT_ONCE = 100
"""So many a retry bills while its caller waits; the next tick tries the others."""


@dataclass
class Ran:
    """A run, as it stands now, and what this call has done of it (and of one before it that a dead worker left)."""

    run: BillingRun
    renewed: Renewed = field(default_factory=Renewed)


@dataclass
class Retried:
    """What came of a retry: how many were tried, and how many are left to the next tick."""

    run: BillingRun
    tried: int
    left: int
    renewed: Renewed


def run_due(*, at: datetime, scope: Scope, actor: Actor) -> Ran | None:
    """Bill all that is due in the clock's run; None when nothing is, and no run is under way.

    Nobody owns a run: whoever comes bills the next batch on the same row. So two at once double nothing, and one whose
    worker died is gone on with. It holds what had fallen due by its own time; what fell due since is in the next one.
    Where the deployment has thresholds it is added up first, and one that is beyond them waits for a person, as one
    that is paused does.
    """
    until = clock.monotonic() + BUDGET
    ran, renewed = None, Renewed()
    while run := queries.unfinished(scope) or _begin(at, scope, actor):
        ran = Ran(run, renewed)
        if run.status == RunStatus.FORECASTING and forecast(run, actor=actor, until=until):
            _call(run.due, scope)
        if run.status != RunStatus.RUNNING:
            break
        finished = _bill(run, scope, renewed, at=at, actor=actor, until=until)
        run.refresh_from_db()
        if not finished or run.at >= at:
            break
    return ran


def retry(*, run_id: UUID, at: datetime, actor: Actor) -> Retried:
    """Bill now what stopped in this run and still owes, one unit of work. Errors: billing_run_not_found (404)"""
    with unit_of_work(actor):
        run = queries.runs().filter(pk=run_id).first()
        if run is None:
            raise NotFound("billing_run_not_found", f"There is no billing run {run_id}.", hint="Check the id.")
        # The next tick need not wait for anybody's hour.
        freed = queries.still_stopped(run).values("pk")
        left = Subscription.objects.filter(pk__in=freed).update(billing_retry_at=None)
        ids = list(queries.still_stopped(run).values_list("pk", flat=True)[:RETRIED_AT_ONCE])
        # All at once and in order, before the first batch takes the number series: whoever waits for that holds some.
        queries.lock_accounts(ids)
        renewed = Renewed()
        owing = ids
        while owing:
            renewed.add(renew(owing, at=at, actor=actor, lane=Lane.API, run=run))
            still = queries.still_due(ids, run.at).exclude(pk__in=renewed.failures)
            owing = list(still.values_list("pk", flat=True))
        run.refresh_from_db()
        logger.info("billing_run_retried", run_id=str(run.pk), tried=len(ids), stopped=len(renewed.failures))
        return Retried(run, len(ids), left - len(ids), renewed)


def _begin(at: datetime, scope: Scope, actor: Actor) -> BillingRun | None:
    """A run for what is due now, or that of somebody who was faster."""
    wall = clock.wall()
    if not (queries.due(at, scope).exists() or queries.due_again(at, scope, wall=wall).exists()):
        return None
    with unit_of_work(actor):
        run, made = _unfinished_or_new(at, scope)
        if made:
            # Counted once the row is there: whoever ran until now has committed all that he billed.
            run.due = queries.due(at, scope).count() + queries.due_again(at, scope, wall=wall).count()
            if not run.due:
                transaction.set_rollback(True)
                return None
            run.save(update_fields=["due"])
            if run.status == RunStatus.RUNNING:
                _call(run.due, scope)
            logger.info("billing_run_started", run_id=str(run.pk), due=run.due, at=at.isoformat(), **_of(scope))
    return run


def _unfinished_or_new(at: datetime, scope: Scope) -> tuple[BillingRun, bool]:
    """One run per clock is not finished, which a constraint keeps. A test clock's is a rehearsal, and never held."""
    watched = thresholds().any and scope.clock_id is None
    status = RunStatus.FORECASTING if watched else RunStatus.RUNNING
    try:
        with transaction.atomic():
            return BillingRun.objects.create(test_clock_id=scope.clock_id, status=status, at=at), True
    except IntegrityError:
        run = queries.unfinished(scope)
        if run is None:
            raise
        return run, False


def _call(due: int, scope: Scope) -> None:
    """Other workers, one for each batch beyond the first: whoever is free shares the run."""
    if scope.clock_id is None:
        for worker in range(1, min(1 + due // settings.BILLING_RENEWAL_BATCH, WORKERS)):
            ring_after_commit("schedule.run_due", "billing", worker=worker)


def _bill(run: BillingRun, scope: Scope, total: Renewed, *, at: datetime, actor: Actor, until: float) -> bool:
    """Batch after batch until nothing is due, or the time is up; whether it is finished."""
    while True:
        began = clock.monotonic()
        if began >= until:
            logger.info("billing_run_continues_later", run_id=str(run.pk), **_of(scope))
            return False
        if not queries.goes_on(run):
            return False
        renewed = renew_claimed(partial(_free, run, scope), at=at, actor=actor, run=run)
        if not renewed.pieces:
            # Nothing, or what others are at: whoever finds it due still once they are done bills it.
            ids = _batch(run, scope)
            if not ids:
                break
            renewed = renew(ids, at=at, actor=actor, run=run)
        total.add(renewed)
        logger.info(
            "billing_run_batch",
            run_id=str(run.pk),
            done=renewed.done,
            periods=renewed.periods,
            invoices=len(renewed.invoice_ids),
            stopped=len(renewed.failures),
            invoices_per_second=_rate(len(renewed.invoice_ids), clock.monotonic() - began),
        )
    _finish(run, scope, actor)
    return True


def _free(run: BillingRun, scope: Scope) -> list[UUID]:
    """The next that no other worker is at, their accounts locked: so workers share a run, and none waits."""
    size = settings.BILLING_RENEWAL_BATCH
    for start in range(0, WORKERS * size, size):
        due = dict(queries.due(run.at, scope).values_list("pk", "account_id")[start : start + size])
        if not due:
            break
        free = accounts.lock_free(due.values())
        if found := [pk for pk, account_id in due.items() if account_id in free]:
            return found
    return []


def _batch(run: BillingRun, scope: Scope) -> list[UUID]:
    """Who is next: the healthy first, so that those that stopped before hold nobody up."""
    size = settings.BILLING_RENEWAL_BATCH
    healthy = list(queries.due(run.at, scope).values_list("pk", flat=True)[:size])
    return healthy or list(queries.due_again(run.at, scope, wall=clock.wall()).values_list("pk", flat=True)[:size])


def _finish(run: BillingRun, scope: Scope, actor: Actor) -> None:
    """Whoever finds nothing due any more: all batches are committed by then, or it would have waited for them."""
    now = clock.wall()
    with unit_of_work(actor):
        finished = BillingRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(
            status=RunStatus.FINISHED, finished_at=now, version=F("version") + 1, updated_at=now
        )
    if finished:
        run.refresh_from_db()
        logger.info(
            "billing_run_finished",
            run_id=str(run.pk),
            due=run.due,
            done=run.done,
            periods=run.periods,
            invoices=run.invoices,
            failed=run.failed,
            batches=run.batches,
            invoices_per_second=_rate(run.invoices, (now - run.created_at).total_seconds()),
            **_of(scope),
        )


def _rate(pieces: int, seconds: float) -> float:
    return round(pieces / max(seconds, 0.001), 1)


def _of(scope: Scope) -> dict[str, str | None]:
    return {"test_clock_id": str(scope.clock_id) if scope.clock_id else None}
