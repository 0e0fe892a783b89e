"""Billing runs as the API answers with them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.rest.objects import ApiObject
from apps.subscriptions.models import BillingRun, RunApproval, RunFailure, RunForecast
from apps.subscriptions.rules.forecast import Cause
from apps.subscriptions.rules.runs import RunStatus


class RunFailureObject(ApiObject, kw_only=True, frozen=True):
    """A subscription that the run could not bill. `resolved`: nothing of it is stopped any more."""

    subscription_id: UUID
    account_id: UUID
    reason: str
    resolved: bool
    created_at: datetime


class RunForecastObject(ApiObject, kw_only=True, frozen=True):
    """What a run comes to in one currency: `last` cycle, `next` one, and why they differ; the causes sum to the change.

    Minor units with tax, net of discounts, before account credit.
    """

    currency: str
    last: int
    next: int
    causes: dict[Cause, int]


class HoldReasonObject(ApiObject, kw_only=True, frozen=True):
    """What of a forecast is beyond the deployment's thresholds."""

    code: str
    detail: str


class RunApprovalObject(ApiObject, kw_only=True, frozen=True):
    """Who let a held run go on: user:ID or api_key:ID."""

    actor: str
    created_at: datetime


class BillingRunObject(ApiObject, kw_only=True, frozen=True):
    """A run over what was due at `at`. `due`, `done` and `failed` count subscriptions; `failed`: all that stopped.

    A dry run bills nothing. `forecasted`, `forecast_invoices` and `forecast_stopped`: how far its forecast is.
    """

    id: UUID
    status: RunStatus
    dry_run: bool
    test_clock_id: UUID | None
    at: datetime
    due: int
    done: int
    periods: int
    invoices: int
    failed: int
    batches: int
    forecasted: int
    forecast_invoices: int
    forecast_stopped: int
    held_because: list[HoldReasonObject]
    approvals_needed: int
    finished_at: datetime | None
    created_at: datetime
    updated_at: datetime
    url: str


def billing_run_objects(runs: Sequence[BillingRun]) -> list[BillingRunObject]:
    """The objects of these runs, in their order."""
    return [
        BillingRunObject(
            id=run.pk,
            status=RunStatus(run.status),
            dry_run=run.dry,
            test_clock_id=run.test_clock_id,
            at=run.at,
            due=run.due,
            done=run.done,
            periods=run.periods,
            invoices=run.invoices,
            failed=run.failed,
            batches=run.batches,
            forecasted=run.forecasted,
            forecast_invoices=run.forecast_invoices,
            forecast_stopped=run.forecast_stopped,
            held_because=[HoldReasonObject(code=why["code"], detail=why["detail"]) for why in run.held_because],
            approvals_needed=run.approvals_needed,
            finished_at=run.finished_at,
            created_at=run.created_at,
            updated_at=run.updated_at,
            url=f"/v1/billing-runs/{run.pk}",
        )
        for run in runs
    ]


def run_failure_objects(failures: Sequence[RunFailure]) -> list[RunFailureObject]:
    """The objects of these failures, in their order; their subscriptions are loaded with them."""
    return [
        RunFailureObject(
            subscription_id=failure.subscription_id,
            account_id=failure.subscription.account_id,
            reason=failure.reason,
            resolved=not failure.subscription.billing_error,
            created_at=failure.created_at,
        )
        for failure in failures
    ]


def run_forecast_objects(forecasts: Sequence[RunForecast]) -> list[RunForecastObject]:
    """The objects of these forecasts, in their order."""
    return [
        RunForecastObject(
            currency=row.currency,
            last=row.last,
            next=row.next,
            causes={cause: getattr(row, cause.value) for cause in Cause},
        )
        for row in forecasts
    ]


def run_approval_objects(approvals: Sequence[RunApproval]) -> list[RunApprovalObject]:
    """The objects of these approvals, in their order."""
    return [RunApprovalObject(actor=approval.actor, created_at=approval.created_at) for approval in approvals]
