"""A run's page: a bar that moves, what it was expected to come to, what stopped, and what people may say to it."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from apps.access.models import User
from apps.backoffice.dashboard import progress
from apps.backoffice.pages import Button, Surrounded
from apps.backoffice.tables import Card, Table
from apps.clocks.queries import now_for
from apps.kernel.actors import Actor
from apps.kernel.admin import allowed
from apps.kernel.columns import amount, column, link, page_of, when
from apps.kernel.errors import DomainError
from apps.kernel.schedule import Scope
from apps.subscriptions.actions.forecast import dry_run
from apps.subscriptions.actions.hold import approve, pause, resume
from apps.subscriptions.actions.run import retry
from apps.subscriptions.admin import BillingRunAdmin
from apps.subscriptions.models import BillingRun, RunApproval, RunFailure, RunForecast
from apps.subscriptions.rules.forecast import Cause
from apps.subscriptions.rules.runs import RunStatus

FAILURES = 50
CAUSES = {
    Cause.NEW: "New customers",
    Cause.LOST: "Lost or paused",
    Cause.FURTHER: "Further periods",
    Cause.STOPPED: "Cannot be billed",
    Cause.PRICE: "Price",
    Cause.QUANTITY: "Quantity",
    Cause.PRORATION: "Part periods",
    Cause.DISCOUNT: "Discounts",
    Cause.TAX: "Tax",
    Cause.USAGE: "Usage",
    Cause.ONE_OFF: "One-off items",
}


def _retry(run: BillingRun, actor: Actor) -> tuple[BillingRun, str]:
    came = retry(run_id=run.pk, at=now_for(run), actor=actor)
    still = len(came.renewed.failures)
    return came.run, f"{came.tried} tried again: {came.tried - still} billed, {still} stopped again."


def _approve(run: BillingRun, actor: Actor) -> tuple[BillingRun, str]:
    run = approve(run_id=run.pk, actor=actor)
    if run.status == RunStatus.HELD:
        return run, "Approved. It needs another person as well before it goes on."
    return run, "Approved: the run goes on."


def _pause(run: BillingRun, actor: Actor) -> tuple[BillingRun, str]:
    return pause(run_id=run.pk, actor=actor), "The run is paused after the batch that is under way."


def _resume(run: BillingRun, actor: Actor) -> tuple[BillingRun, str]:
    return resume(run_id=run.pk, actor=actor), "The run goes on."


def _dry_run(run: BillingRun, actor: Actor) -> tuple[BillingRun, str]:
    made = dry_run(scope=Scope(run.test_clock_id), actor=actor)
    return made, f"A dry run over {made.due:,} subscriptions that are due now. Nothing of it is billed."


WAYS: dict[str, tuple[str, str, Callable[[BillingRun, Actor], tuple[BillingRun, str]]]] = {
    "retry": ("Try what failed again", "replay", _retry),
    "approve": ("Approve", "check_circle", _approve),
    "pause": ("Pause", "pause_circle", _pause),
    "resume": ("Go on", "play_circle", _resume),
    "dry-run": ("Dry run now", "science", _dry_run),
}
"""Path -> the button's text and icon, and what it does and says."""


def ways_now(run: BillingRun) -> list[str]:
    """What can be done to a run now."""
    found = ["retry"] if run.failed else []
    found += {
        RunStatus.HELD: ["approve"],
        RunStatus.RUNNING: [] if run.test_clock_id else ["pause"],
        RunStatus.PAUSED: ["resume"],
    }.get(RunStatus(run.status), [])
    return [*found, "dry-run"]


class RunPage(Surrounded, BillingRunAdmin):
    """A run with a bar that moves while it runs, its forecast, and what it could not bill."""

    list_display = (
        "at", "status", "dry", column("progress", progress), "invoices", "failed", "test_clock", "created_at",
        "finished_at",
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        view, said = self.admin_site.admin_view(self.progress_view), self.admin_site.admin_view(self.said)
        return [
            path("<uuid:run_id>/progress", view, name="subscriptions_billingrun_progress"),
            *(
                path(f"<uuid:run_id>/{way}", said, {"way": way}, name=_name(way))
                for way in WAYS
            ),
            *super().get_urls(),
        ]  # fmt: skip

    def progress_view(self, request: HttpRequest, run_id: UUID) -> JsonResponse:
        """How far the run is: one query beside those of the session."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(BillingRun, pk=run_id)
        return JsonResponse(
            {"status": run.status, "due": run.due, "done": run.done, "invoices": run.invoices, "failed": run.failed}
        )

    def said(self, request: HttpRequest, run_id: UUID, way: str) -> HttpResponse:
        """Do what a button says, under the name of who presses it."""
        if not allowed(request, self.resource, "write"):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        run = get_object_or_404(BillingRun, pk=run_id)
        try:
            run, text = WAYS[way][2](run, request.user.actor)  # type: ignore[union-attr]
        except DomainError as refusal:
            messages.error(request, f"{refusal} {refusal.hint}")
        else:
            messages.success(request, text)
        return redirect(page_of(run))

    def buttons(self, request: HttpRequest, row: BillingRun) -> Sequence[Button]:
        if not allowed(request, self.resource, "write"):
            return ()
        return [
            Button(WAYS[way][0], reverse(f"admin:{_name(way)}", args=[row.pk]), WAYS[way][1], post=True)
            for way in ways_now(row)
        ]

    def cards(self, request: HttpRequest, row: BillingRun) -> Sequence[Card]:
        found = [Card("Dry run" if row.dry else "Progress", [(progress(row), "")])]
        if row.held_because:
            held = row.status == RunStatus.HELD
            reasons = [(why["detail"], "") for why in row.held_because]
            found.append(Card("Waits for approval" if held else "Was held", reasons, tone="bad" if held else ""))
        return found

    def tables(self, request: HttpRequest, row: BillingRun) -> Sequence[Table]:
        forecasts = list(RunForecast.objects.filter(run=row).order_by("currency"))
        found = [_forecast(row, forecasts)] if forecasts or row.forecasted else []
        if row.approvals_needed:
            found.append(_approvals(row))
        failures = RunFailure.objects.filter(run=row).select_related("subscription__account").order_by("-pk")
        return [
            *found,
            Table(
                "Failures",
                ("Customer", "Subscription", "Why", "Still stopped", "When"),
                [_failure(each) for each in failures[:FAILURES]],
                hint="Nothing stopped.",
                more=f"{reverse('admin:subscriptions_runfailure_changelist')}?q={row.pk}",
            ),
        ]


def _name(way: str) -> str:
    return f"subscriptions_billingrun_{way.replace('-', '_')}"


def _forecast(run: BillingRun, forecasts: Sequence[RunForecast]) -> Table:
    """A column a currency, a row a cause: what is not zero somewhere."""
    rows: list[Sequence[object]] = [("Last cycle", *(amount(each.last, each.currency) for each in forecasts))]
    for cause, text in CAUSES.items():
        if any(getattr(each, cause.value) for each in forecasts):
            rows.append((text, *(amount(getattr(each, cause.value), each.currency) for each in forecasts)))
    rows.append(("This run", *(amount(each.next, each.currency) for each in forecasts)))
    title = (
        f"Forecast: {run.forecast_invoices:,} invoices of {run.forecasted:,} subscriptions, "
        f"{run.forecast_stopped:,} cannot be billed"
    )
    return Table(title, ("With tax, before account credit", *(each.currency for each in forecasts)), rows)


def _approvals(run: BillingRun) -> Table:
    rows = list(RunApproval.objects.filter(run=run).order_by("pk"))
    names = {str(user.actor): user for user in User.objects.filter(pk__in=_user_ids(rows))}
    return Table(
        f"Approvals: {len(rows)} of {run.approvals_needed}",
        ("Who", "When"),
        [(str(names.get(row.actor, row.actor)), when(row.created_at)) for row in rows],
        hint="Nobody has approved it yet.",
    )


def _user_ids(rows: Sequence[RunApproval]) -> list[Any]:
    return [row.actor.partition(":")[2] for row in rows if row.actor.startswith("user:")]


def _failure(failure: RunFailure) -> tuple[object, ...]:
    subscription = failure.subscription
    stopped: SafeString | str = (subscription.billing_error and when(subscription.billing_retry_at)) or "billed since"
    return (
        link(subscription.account, subscription.account.name), link(subscription), failure.reason, stopped,
        when(failure.created_at),
    )  # fmt: skip
