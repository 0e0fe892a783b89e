"""Subscription, the days it has been billed for, and what is to become of it."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.kernel.fields import MetadataField
from apps.kernel.models import MutableRecord, Record
from apps.plans.models import Plan, PlanVersion
from apps.subscriptions.rules.lifecycle import BILLING, LIVE, Status
from apps.subscriptions.rules.scheduled import ChangeKind, Outcome

EXTERNAL_KEY_UNIQUE = "subscriptions_subscription_external_key"
RECURRING = "recurring"
"""The component of the plan's recurring price; a metered charge's component is its key."""


UNANNOUNCED = Q(next_billing_at__isnull=False) & (
    Q(announced_for__isnull=True) | Q(next_billing_at__gt=models.F("announced_for"))
)
"""Those whose next invoice, or end of trial, was not announced; as the index over them has it."""


class Subscription(MutableRecord):
    """An account on a plan version. Dates are local to the account, instants those of its local midnights."""

    external_key = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - null is "none given"
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions", db_index=False)
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="subscriptions")
    status = models.CharField(max_length=9, choices=[(status.value, status.value) for status in Status])
    quantity = models.PositiveIntegerField(default=1)
    start_date = models.DateField()
    created_on = models.DateField(
        null=True, editable=False, help_text="The account's local day on which it was created."
    )
    ends_on = models.DateField(null=True, blank=True, help_text="The first local day on which it is EXPIRED.")
    trial_end_date = models.DateField(null=True, blank=True)
    trial_end = models.DateTimeField(null=True, blank=True)
    billing_anchor_date = models.DateField()
    anchor_moved_on = models.DateField(null=True, editable=False)
    anchor_before = models.DateField(
        null=True, editable=False, help_text="The anchor until the day on which it moved: that day's changes are one."
    )
    billed_to = models.DateField(help_text="The first local day not billed yet.")
    current_period_start = models.DateTimeField()
    current_period_end = models.DateTimeField()
    next_billing_at = models.DateTimeField(null=True, blank=True)
    announced_for = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The next_billing_at that was announced ahead."
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    paused_on = models.DateField(null=True, blank=True, help_text="The first local day of the pause.")
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_resumes_on = models.DateField(null=True, blank=True, help_text="The local day on which it goes on by itself.")
    pause_resumes_at = models.DateTimeField(null=True, blank=True)
    wakes_at = models.DateTimeField(
        null=True, blank=True, help_text="When the pause comes to its end, whatever that is."
    )
    cancellation_reason = models.TextField(blank=True, default="", db_default="")
    billing_error = models.TextField(blank=True, help_text="Why the last renewal of this subscription stopped.")
    billing_retry_at = models.DateTimeField(
        null=True, blank=True, help_text="Wall time before which a renewal that stopped is not tried again."
    )
    metadata = MetadataField()

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["external_key"], name=EXTERNAL_KEY_UNIQUE),
            models.UniqueConstraint(
                fields=["account", "plan"],
                condition=Q(status__in=[status.value for status in LIVE]),
                name="subscriptions_one_live_per_plan",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in Status]), name="subscriptions_status_known"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="subscriptions_quantity_positive"),
            models.CheckConstraint(
                condition=Q(next_billing_at__isnull=False, status__in=[status.value for status in BILLING])
                | (Q(next_billing_at__isnull=True) & ~Q(status__in=[status.value for status in BILLING])),
                name="subscriptions_next_billing_while_billing",
            ),
            models.CheckConstraint(
                condition=Q(paused_on__isnull=False, paused_at__isnull=False, status=Status.PAUSED.value)
                & Q(wakes_at__isnull=False)
                | Q(paused_on__isnull=True, paused_at__isnull=True, pause_resumes_on__isnull=True)
                & Q(wakes_at__isnull=True)
                & ~Q(status=Status.PAUSED.value),
                name="subscriptions_pause_known",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=models.F("start_date")),
                name="subscriptions_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=False, status=Status.CANCELLED.value)
                | (Q(cancelled_at__isnull=True) & ~Q(status=Status.CANCELLED.value)),
                name="subscriptions_cancelled_at_some_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_billing_at", "id"], condition=Q(next_billing_at__isnull=False), name="subscriptions_due"
            ),
            models.Index(
                fields=["next_billing_at", "id"], condition=~Q(billing_error=""), name="subscriptions_stopped"
            ),
            models.Index(fields=["wakes_at", "id"], condition=Q(wakes_at__isnull=False), name="subscriptions_wakes"),
            models.Index(fields=["trial_end"], condition=Q(status=Status.TRIAL.value), name="subscriptions_trial"),
            models.Index(fields=["next_billing_at", "id"], condition=UNANNOUNCED, name="subscriptions_unannounced"),
            models.Index(fields=["start_date"], name="subscriptions_begun"),
            # As lists are filtered and shown: newest first.
            models.Index(fields=["plan", "-id"], name="subscriptions_plan"),
            models.Index(fields=["status", "-id"], name="subscriptions_status"),
            GinIndex(fields=["metadata"], name="subscriptions_metadata", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return self.external_key or str(self.pk)


class BilledPeriod(Record):
    """Days of one component that are billed: each service day once, kept by an exclusion constraint.

    A row is never edited. What is credited is released (`released_by`: the change, or the invoice that was voided), and
    the part that stays billed is written anew. `line_id` is the line that charges the days, on an invoice or waiting
    for one (none when the amount was 0); waived days, of a pause for one, are never billed, and are no gap.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="billed_periods")
    component = models.CharField(max_length=255, default=RECURRING)
    days = DateRangeField()
    line_id = models.UUIDField(null=True, blank=True)
    released_by = models.UUIDField(null=True, blank=True)
    waived = models.BooleanField(default=False)

    class Meta(Record.Meta):
        constraints = [
            ExclusionConstraint(
                name="subscriptions_each_day_billed_once",
                expressions=[
                    ("subscription", RangeOperators.EQUAL),
                    ("component", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
                condition=Q(released_by__isnull=True),
            ),
            models.CheckConstraint(condition=Q(days__isempty=False), name="subscriptions_billed_days"),
        ]
        indexes = [
            models.Index(fields=["line_id"], condition=Q(line_id__isnull=False), name="subscriptions_billed_line"),
            models.Index(
                fields=["released_by"], condition=Q(released_by__isnull=False), name="subscriptions_released_by"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.component} {self.days}"


class ScheduledChange(MutableRecord):
    """An intention: what is to become of a subscription on a local date. It waits until it is applied or removed.

    `details`: the reason of an end; of a change `quantity`, and `plan_id` with `plan_version` (its number) and
    `plan_version_id`, each if it is to be another.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="scheduled_changes")
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in ChangeKind])
    due_date = models.DateField(help_text="Local date from whose midnight on it holds: the end of a period.")
    details = models.JSONField(default=dict)
    outcome = models.CharField(
        max_length=8, choices=[(outcome.value, outcome.value) for outcome in Outcome], default=Outcome.WAITING
    )

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "kind"],
                condition=Q(outcome=Outcome.WAITING.value),
                name="subscriptions_one_waiting_change",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in ChangeKind]), name="subscriptions_change_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=[outcome.value for outcome in Outcome]),
                name="subscriptions_change_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.due_date}"
