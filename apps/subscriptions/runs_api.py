"""/v1/billing-runs"""

from typing import Any
from uuid import UUID

from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.clocks.queries import now_for
from apps.rest.filters import ResourceFilterSet
from apps.rest.objects import ApiObject, builtins
from apps.rest.viewsets import ResourceViewSet, operation
from apps.subscriptions import queries
from apps.subscriptions.actions.run import retry
from apps.subscriptions.models import BillingRun
from apps.subscriptions.rules.runs import RunStatus
from apps.subscriptions.run_objects import (
    BillingRunObject,
    RunFailureObject,
    billing_run_objects,
    run_failure_objects,
)

SHOWN_FAILURES = 100


class BillingRunFilter(ResourceFilterSet):
    status = filters.ChoiceFilter(choices=[(status.value, status.value) for status in RunStatus])
    test_clock_id = filters.UUIDFilter(field_name="test_clock_id", label="Runs of this test clock.")

    class Meta:
        model = BillingRun
        fields: list[str] = []


class ShownBillingRun(BillingRunObject, kw_only=True, frozen=True):
    """One run with what it could not bill: the first 100."""

    failures: list[RunFailureObject]


class RetryObject(ApiObject, kw_only=True, frozen=True):
    """What came of a retry, in subscriptions, periods and invoices; `left` are tried by the next run."""

    tried: int
    periods: int
    invoices: int
    failed: int
    left: int


class RetriedBillingRun(ShownBillingRun, kw_only=True, frozen=True):
    """The run as it stands after a retry, and what came of that."""

    retry: RetryObject


class BillingRunViewSet(ResourceViewSet):
    """Billing runs: what fell due, how far its billing has come, and what stopped."""

    resource = "billing_runs"
    queryset = queries.runs()
    object_class = BillingRunObject
    filterset_class = BillingRunFilter

    def render(self, rows: Any) -> list[BillingRunObject]:
        return billing_run_objects(rows)

    @operation(output=ShownBillingRun, summary="Show a billing run and what it could not bill")
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show one run, with the first 100 of its failures."""
        run = self.get_object()
        return self.ok(run, extra=lambda: _failures(run.pk))

    @operation(output=RetriedBillingRun, summary="Bill again what a run could not bill")
    def retry(self, request: Request, **kwargs: Any) -> Response:
        """Bill now what stopped in this run and is not billed yet, up to 100 subscriptions; the next run takes more."""
        run = self.get_object()
        retried = retry(run_id=run.pk, at=now_for(run), actor=self.actor)
        came = RetryObject(
            tried=retried.tried,
            periods=retried.renewed.periods,
            invoices=len(retried.renewed.invoice_ids),
            failed=len(retried.renewed.failures),
            left=retried.left,
        )
        return self.ok(retried.run, extra=lambda: {**_failures(run.pk), "retry": builtins(came)})


def _failures(run_id: UUID) -> dict[str, Any]:
    return {"failures": builtins(run_failure_objects(list(queries.failures(run_id)[:SHOWN_FAILURES])))}
