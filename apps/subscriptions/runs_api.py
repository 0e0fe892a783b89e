"""/v1/billing-runs"""

from typing import Any
from uuid import UUID

from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.clocks.queries import now_for
from apps.kernel.schedule import Scope
from apps.rest import inputs
from apps.rest.filters import ResourceFilterSet
from apps.rest.objects import ApiObject, builtins
from apps.rest.viewsets import ResourceViewSet, operation
from apps.subscriptions import queries
from apps.subscriptions.actions.forecast import dry_run
from apps.subscriptions.actions.hold import approve, pause, resume
from apps.subscriptions.actions.run import retry
from apps.subscriptions.models import BillingRun
from apps.subscriptions.rules.runs import RunStatus
from apps.subscriptions.run_objects import (
    BillingRunObject,
    RunApprovalObject,
    RunFailureObject,
    RunForecastObject,
    billing_run_objects,
    run_approval_objects,
    run_failure_objects,
    run_forecast_objects,
)

SHOWN_FAILURES = 100


class DryRunInput(inputs.Input):
    """What POST takes. `at`: what falls due by then, up to 31 days ahead; now unless it is said."""

    dry_run = inputs.BooleanField()
    at = inputs.DateTimeField(required=False)
    test_clock_id = inputs.UUIDField(required=False, allow_null=True)


class BillingRunFilter(ResourceFilterSet):
    status = filters.ChoiceFilter(choices=[(status.value, status.value) for status in RunStatus])
    dry_run = filters.BooleanFilter(field_name="dry", label="Dry runs alone, or none of them.")
    test_clock_id = filters.UUIDFilter(field_name="test_clock_id", label="Runs of this test clock.")

    class Meta:
        model = BillingRun
        fields: list[str] = []


class ShownBillingRun(BillingRunObject, kw_only=True, frozen=True):
    """One run with what it could not bill: the first 100; its forecast, if there is one, and who approved it."""

    failures: list[RunFailureObject]
    forecast: list[RunForecastObject]
    approvals: list[RunApprovalObject]


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
        """Show one run, with the first 100 of its failures, its forecast and who approved it."""
        return self._whole(self.get_object())

    @operation(input=DryRunInput, output=ShownBillingRun, status=201, summary="Forecast a billing run")
    def create(self, request: Request) -> Response:
        """Add up what a run would bill, against the cycle before and by cause. Nothing is billed.

        A forecast of many subscriptions goes on after the answer: its `status` is FORECASTING until it is FINISHED.
        """
        given = self.parse(DryRunInput)
        scope = Scope(given.get("test_clock_id"))
        run = dry_run(at=given.get("at"), dry=given["dry_run"], scope=scope, actor=self.actor)
        return self.created(run, extra=lambda: _parts(run.pk))

    @operation(output=ShownBillingRun, summary="Approve a held billing run")
    def approve(self, request: Request, **kwargs: Any) -> Response:
        """Let a run that is HELD go on; it does once `approvals_needed` different persons or keys have said so."""
        return self._whole(approve(run_id=self.get_object().pk, actor=self.actor))

    @operation(output=ShownBillingRun, summary="Pause a billing run")
    def pause(self, request: Request, **kwargs: Any) -> Response:
        """Begin no further batch of a run that is RUNNING; what it has billed stays billed."""
        return self._whole(pause(run_id=self.get_object().pk, actor=self.actor))

    @operation(output=ShownBillingRun, summary="Let a paused billing run go on")
    def resume(self, request: Request, **kwargs: Any) -> Response:
        """Go on with a run that is PAUSED."""
        return self._whole(resume(run_id=self.get_object().pk, actor=self.actor))

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
        return self.ok(retried.run, extra=lambda: {**_parts(run.pk), "retry": builtins(came)})

    def _whole(self, run: BillingRun) -> Response:
        return self.ok(run, extra=lambda: _parts(run.pk))


def _parts(run_id: UUID) -> dict[str, Any]:
    return {
        "failures": builtins(run_failure_objects(list(queries.failures(run_id)[:SHOWN_FAILURES]))),
        "forecast": builtins(run_forecast_objects(queries.forecasts(run_id))),
        "approvals": builtins(run_approval_objects(queries.approvals(run_id))),
    }
