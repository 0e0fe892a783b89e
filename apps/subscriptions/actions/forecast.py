"""Forecasts of runs: each account's renewals are done and rolled back, and added up against what was billed before."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import F

from apps.clocks.queries import now_by_clock
from apps.events.rules import Lane
from apps.invoices import queries as invoices
from apps.invoices.actions.issue import collecting
from apps.invoices.objects import InvoiceObject, LineObject
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Invalid, Problem
from apps.kernel.schedule import Scope
from apps.kernel.transactions import preview_of_work, unit_of_work
from apps.subscriptions import queries
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.models import BillingRun, RunForecast, Subscription
from apps.subscriptions.rules.forecast import Bill, Cause, Forecast, Thresholds, beyond, bill
from apps.subscriptions.rules.lifecycle import LIVE
from apps.subscriptions.rules.runs import RunStatus

logger = structlog.get_logger(__name__)

Forecasts = dict[str, Forecast]

AHEAD = timedelta(days=31)
AT_ONCE = 500
"""So many a dry run adds up while its caller waits."""


def dry_run(*, at: datetime | None = None, dry: bool = True, scope: Scope, actor: Actor) -> BillingRun:
    """Add up what a run at `at` (now) would bill, or begin to: workers go on with a long one. Nothing of it is billed.

    Errors: run_not_by_hand, time_beyond, test_clock_unknown (422)
    """
    if not dry:
        text = "Runs begin by themselves as soon as something is due; only a dry run is asked for."
        raise Invalid("run_not_by_hand", text, hint="Send true.", errors=[Problem("/dry_run", "run_not_by_hand", text)])
    times = now_by_clock([scope.clock_id])
    if scope.clock_id not in times:
        text, hint = f"There is no test clock {scope.clock_id}.", "Create it first with POST /v1/test-clocks."
        raise Invalid(
            "test_clock_unknown", text, hint=hint, errors=[Problem("/test_clock_id", "test_clock_unknown", text)]
        )
    at = at or times[scope.clock_id]
    if at > times[scope.clock_id] + AHEAD:
        text = f"A run can be forecast up to {AHEAD.days} days ahead: beyond that its sums would say little."
        raise Invalid("time_beyond", text, hint="Send an earlier time.", errors=[Problem("/at", "time_beyond", text)])
    with unit_of_work(actor):
        due = queries.owing(at, scope).count()
        run = BillingRun.objects.create(
            test_clock_id=scope.clock_id, dry=True, status=RunStatus.FORECASTING, at=at, due=due
        )
        ring_after_commit("schedule.run_due", "billing")
    if due <= AT_ONCE:
        forecast(run, actor=actor)
    return run


def forecast(run: BillingRun, *, actor: Actor, until: float | None = None) -> bool:
    """Add up account after account, in batches that commit their sums; whether it is finished. Safe to run at once."""
    scope = Scope(run.test_clock_id)
    while run.status == RunStatus.FORECASTING:
        if until is not None and clock.monotonic() >= until:
            return False
        ids = _batch(run, scope)
        if ids:
            _add(run, ids, actor)
        else:
            _conclude(run, scope, actor)
        run.refresh_from_db()
    return True


def thresholds() -> Thresholds:
    """Beyond what this deployment holds a run."""
    return Thresholds(
        percent=settings.BILLING_RUN_HOLD_PERCENT,
        stopped=settings.BILLING_RUN_HOLD_STOPPED,
        least=settings.BILLING_RUN_HOLD_FROM,
    )


def _batch(run: BillingRun, scope: Scope) -> dict[UUID, str]:
    """The next whole accounts with what is due of them, and its currency: about as many as a batch of the run."""
    due = queries.owing(run.at, scope).order_by("account_id", "pk")
    if run.forecast_to:
        due = due.filter(account_id__gt=run.forecast_to)
    rows = due.values_list("pk", "account_id", "account__currency")
    found = list(rows[: settings.BILLING_RENEWAL_BATCH])
    if len(found) == settings.BILLING_RENEWAL_BATCH:
        found += rows.filter(account_id=found[-1][1])
    run.forecast_to = found[-1][1] if found else run.forecast_to
    return {pk: currency for pk, _, currency in found}


def _add(run: BillingRun, ids: dict[UUID, str], actor: Actor) -> None:
    """One batch: done, looked at and rolled back; then its sums, unless another worker was faster with them."""
    found, made, stopped = _looked(run, ids, actor)
    with unit_of_work(actor):
        mine = BillingRun.objects.filter(pk=run.pk, forecasted=run.forecasted, status=RunStatus.FORECASTING).update(
            forecasted=F("forecasted") + len(ids),
            forecast_invoices=F("forecast_invoices") + made,
            forecast_stopped=F("forecast_stopped") + stopped,
            forecast_to=run.forecast_to,
            version=F("version") + 1,
            updated_at=clock.wall(),
        )
        if mine:
            _write(run, found)


def _looked(run: BillingRun, ids: dict[UUID, str], actor: Actor) -> tuple[Forecasts, int, int]:
    with preview_of_work(actor):
        before = {pk: bill(lines) for pk, lines in invoices.last_bills(ids).items()}
        cycles: list[list[InvoiceObject]] = []
        owing: Collection[UUID] = ids
        stopped: set[UUID] = set()
        while owing:
            with collecting() as made:
                stopped |= renew(list(owing), at=run.at, actor=actor, lane=Lane.RUN).failures.keys()
            cycles.append(made)
            still = queries.still_due(ids, run.at).values_list("pk", flat=True)
            owing = [pk for pk in still if pk not in stopped]
        live = set(Subscription.objects.filter(pk__in=ids, status__in=LIVE).values_list("pk", flat=True))
    found: Forecasts = {}
    first, *further = cycles
    bills = _bills(first)
    for pk, currency in ids.items():
        after = bills.pop(pk, None) or (Bill() if pk in live and pk not in stopped else None)
        otherwise = Cause.NEW if pk not in before else Cause.STOPPED if pk in stopped else Cause.LOST
        found.setdefault(currency, Forecast()).add(before.get(pk), after, otherwise)
    for made in (first, *further):
        _rest(made, found, set() if made is not first else set(ids))
    return found, sum(map(len, cycles)), len(stopped)


def _rest(made: Iterable[InvoiceObject], found: Forecasts, counted: set[UUID]) -> None:
    """Lines of nobody's subscription, or of a later period than the first."""
    for invoice in made:
        for line in invoice.lines:
            if line.subscription_id not in counted:
                cause = Cause.ONE_OFF if line.subscription_id is None else Cause.FURTHER
                found.setdefault(invoice.currency, Forecast()).add(None, bill([line]), cause)


def _bills(made: Iterable[InvoiceObject]) -> dict[UUID, Bill]:
    lines: dict[UUID, list[LineObject]] = {}
    for invoice in made:
        for line in invoice.lines:
            if line.subscription_id is not None:
                lines.setdefault(line.subscription_id, []).append(line)
    return {pk: bill(mine) for pk, mine in lines.items()}


def _write(run: BillingRun, found: Forecasts) -> None:
    for currency, sums in sorted(found.items()):
        row, _ = RunForecast.objects.get_or_create(run=run, currency=currency)
        amounts = {"last": sums.last, "next": sums.next} | {cause.value: sums.causes[cause] for cause in Cause}
        RunForecast.objects.filter(pk=row.pk).update(**{name: F(name) + amount for name, amount in amounts.items()})


def _conclude(run: BillingRun, scope: Scope, actor: Actor) -> None:
    """All that is due is added up: what was lost since the last run comes to it, and the run goes its way."""
    gone = dict(queries.gone(since=queries.before(run), until=run.at, scope=scope))
    before = invoices.last_bills(gone)
    found: Forecasts = {}
    for pk, lines in before.items():
        found.setdefault(gone[pk], Forecast()).add(bill(lines), None, Cause.LOST)
    now = clock.wall()
    with unit_of_work(actor):
        row = BillingRun.objects.select_for_update().get(pk=run.pk)
        if row.status != RunStatus.FORECASTING:
            return
        _write(row, found)
        sums = {each.currency: (each.last, each.next) for each in row.forecasts.all()}
        why = beyond(thresholds(), sums, due=row.due, stopped=row.forecast_stopped)
        row.held_because = [{"code": code, "detail": detail} for code, detail in why]
        row.status = RunStatus.FINISHED if row.dry else RunStatus.HELD if why else RunStatus.RUNNING
        row.approvals_needed = settings.BILLING_RUN_APPROVALS if row.status == RunStatus.HELD else 0
        row.finished_at = now if row.dry else None
        row.version, row.updated_at = row.version + 1, now
        row.save()
    logger.info(
        "billing_run_forecast",
        run_id=str(run.pk),
        dry=row.dry,
        status=row.status,
        due=row.due,
        stopped=row.forecast_stopped,
        held_because=[code for code, _ in why],
        totals={currency: following for currency, (_, following) in sums.items()},
    )
