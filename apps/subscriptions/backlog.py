"""Pending work here: subscriptions that stopped, runs, moves and re-ratings under way, late usage."""

from typing import Any

from django.db.models import Case, F, Max, Q, Value, When
from django.db.models.functions import Coalesce

from apps.kernel.actors import Actor
from apps.kernel.backlog import Kind, register
from apps.kernel.doorbell import ring
from apps.subscriptions import rerating_queries
from apps.subscriptions.actions.stop import try_again
from apps.subscriptions.models import BillingRun, BulkMove, Subscription, ThresholdCheck, UsageRecount
from apps.subscriptions.rules.runs import WAITING, RunStatus


def tick(row: Any, actor: Actor) -> None:
    """Have a worker do what is due, this among it."""
    ring("schedule.run_due", "billing")


STOPPED = register(
    Kind(
        name="subscriptions.stopped",
        title="Subscriptions that cannot be billed",
        rows=lambda: Subscription.objects.exclude(billing_error="").select_related("account"),
        since=Coalesce(F("next_billing_at"), F("wakes_at"), F("created_at")),
        next_at="billing_retry_at",
        reason="billing_error",
        called=lambda row: row.account.name,
        try_now=lambda row, actor: try_again(subscription_id=row.pk, actor=actor),
    )
)
RUNS = register(
    Kind(
        name="subscriptions.runs",
        title="Billing runs",
        rows=lambda: BillingRun.objects.exclude(status=RunStatus.FINISHED),
        moved="updated_at",
        reason=Case(
            When(status=RunStatus.HELD, then=Value("It waits for approval.")),
            When(status=RunStatus.PAUSED, then=Value("Somebody has paused it.")),
            default=Value(""),
        ),
        stopped=Q(status__in=WAITING),
        try_now=tick,
        fits=lambda run: run.status not in WAITING and (run.dry or run.test_clock_id is None),
        button="Go on",
    )
)
MOVES = register(
    Kind(
        name="subscriptions.moves",
        title="Bulk moves",
        rows=lambda: BulkMove.objects.filter(finished_at=None),
        moved="updated_at",
        try_now=tick,
        button="Go on",
    )
)
RERATINGS = register(
    Kind(
        name="subscriptions.reratings",
        title="Re-ratings",
        rows=lambda: rerating_queries.under_way().annotate(piece_at=Max("subscriptions__updated_at")),
        moved=Coalesce(F("piece_at"), F("updated_at")),
        try_now=tick,
        button="Go on",
    )
)
RECOUNTS = register(
    Kind(
        name="subscriptions.late_usage",
        title="Late usage to be rated again",
        rows=lambda: UsageRecount.objects.filter(done_at=None).select_related("subscription"),
        next_at="due_at",
        reason="subscription__billing_error",
        clock="subscription__account__test_clock",
        opens=lambda row: row.subscription,
        try_now=tick,
        fits=lambda row: not row.subscription.billing_error,
    )
)
THRESHOLDS = register(
    Kind(
        name="subscriptions.thresholds",
        title="Usage to be compared with thresholds",
        rows=lambda: ThresholdCheck.objects.select_related("subscription"),
        next_at="due_at",
        opens=lambda row: row.subscription,
        try_now=tick,
    )
)
