"""Runs: what was due at a time, how far its billing is, what it was expected to come to, and what stopped."""

from django.db import models
from django.db.models import F, Q

from apps.clocks.models import TestClock
from apps.kernel.models import MutableRecord, Record
from apps.subscriptions.models.subscription import Subscription
from apps.subscriptions.rules.runs import RunStatus

ONE_RUN = "subscriptions_one_run_per_clock"


class BillingRun(MutableRecord):
    """One run over what is due: how much there was, how far it has come. Each batch counts itself in its own commit.

    At most one is unfinished per clock (None: the wall's); whoever runs next goes on with it, so a run survives its
    worker. A dry run bills nothing: of those there may be many.
    """

    test_clock = models.ForeignKey(TestClock, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(
        max_length=11, choices=[(status.value, status.value) for status in RunStatus], default=RunStatus.RUNNING
    )
    dry = models.BooleanField(default=False, help_text="It adds up what would be billed, and bills nothing.")
    at = models.DateTimeField(help_text="What had fallen due by then is billed.")
    due = models.PositiveIntegerField(default=0, help_text="Subscriptions that were due at its start.")
    done = models.PositiveIntegerField(default=0, help_text="Subscriptions that were billed up to `at`, or ended.")
    periods = models.PositiveIntegerField(default=0)
    invoices = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    batches = models.PositiveIntegerField(default=0)
    forecasted = models.PositiveIntegerField(default=0, help_text="Subscriptions whose next bill is added up.")
    forecast_invoices = models.PositiveIntegerField(default=0, help_text="Invoices that they would come to.")
    forecast_stopped = models.PositiveIntegerField(default=0, help_text="Subscriptions that could not be billed.")
    forecast_to = models.UUIDField(null=True, editable=False, help_text="The last account that is added up.")
    held_because = models.JSONField(default=list, help_text="What of the forecast is beyond the thresholds, if any.")
    approvals_needed = models.PositiveSmallIntegerField(default=0, help_text="Persons who have to approve it.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["test_clock"],
                condition=Q(dry=False) & ~Q(status=RunStatus.FINISHED.value),
                nulls_distinct=False,
                name=ONE_RUN,
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=False, status=RunStatus.FINISHED.value)
                | (Q(finished_at__isnull=True) & ~Q(status=RunStatus.FINISHED.value)),
                name="subscriptions_run_finished",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in RunStatus]), name="subscriptions_run_status_known"
            ),
            models.CheckConstraint(
                condition=Q(dry=False) | Q(status__in=[RunStatus.FORECASTING.value, RunStatus.FINISHED.value], done=0),
                name="subscriptions_dry_run_bills_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.done} of {self.due}"


class RunForecast(models.Model):
    """What a run would come to in one currency against the cycle before, in minor units; its causes sum to the change.

    Totals with tax, net of discounts, before account credit.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(BillingRun, on_delete=models.PROTECT, related_name="forecasts", db_index=False)
    currency = models.CharField(max_length=3)
    last = models.BigIntegerField(default=0, help_text="What they were billed in the cycle before.")
    next = models.BigIntegerField(default=0, help_text="What they would be billed now.")
    new = models.BigIntegerField(default=0)
    lost = models.BigIntegerField(default=0)
    further = models.BigIntegerField(default=0)
    stopped = models.BigIntegerField(default=0)
    price = models.BigIntegerField(default=0)
    quantity = models.BigIntegerField(default=0)
    proration = models.BigIntegerField(default=0)
    discount = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    usage = models.BigIntegerField(default=0)
    one_off = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "currency"], name="subscriptions_one_forecast_per_currency"),
            models.CheckConstraint(
                condition=Q(next=F("last") + F("new") + F("lost") + F("further") + F("stopped") + F("price")
                            + F("quantity") + F("proration") + F("discount") + F("tax") + F("usage") + F("one_off")),
                name="subscriptions_forecast_adds_up",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.currency} {self.last} to {self.next}"


class RunApproval(Record):
    """A person who let a held run go on. Append only."""

    run = models.ForeignKey(BillingRun, on_delete=models.PROTECT, related_name="approvals", db_index=False)
    actor = models.CharField(max_length=100)

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["run", "actor"], name="subscriptions_each_approves_once")]

    def __str__(self) -> str:
        return self.actor


class RunFailure(Record):
    """A subscription that a run could not bill, and why. Append only; the subscription says whether it still stands."""

    run = models.ForeignKey(BillingRun, on_delete=models.PROTECT, related_name="failures")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="run_failures")
    reason = models.TextField()

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["run", "subscription"], name="subscriptions_one_failure_per_run")
        ]

    def __str__(self) -> str:
        return self.reason
