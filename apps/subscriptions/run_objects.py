"""Billing runs as the API answers with them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.rest.objects import ApiObject
from apps.subscriptions.models import BillingRun, RunFailure
from apps.subscriptions.rules.runs import RunStatus


class RunFailureObject(ApiObject, kw_only=True, frozen=True):
    """A subscription that the run could not bill. `resolved`: nothing of it is stopped any more."""

    subscription_id: UUID
    account_id: UUID
    reason: str
    resolved: bool
    created_at: datetime


class BillingRunObject(ApiObject, kw_only=True, frozen=True):
    """A run over what was due at `at`. `due`, `done` and `failed` count subscriptions; `failed`: all that stopped."""

    id: UUID
    status: RunStatus
    test_clock_id: UUID | None
    at: datetime
    due: int
    done: int
    periods: int
    invoices: int
    failed: int
    batches: int
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
            test_clock_id=run.test_clock_id,
            at=run.at,
            due=run.due,
            done=run.done,
            periods=run.periods,
            invoices=run.invoices,
            failed=run.failed,
            batches=run.batches,
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
