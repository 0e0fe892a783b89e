"""Metered usage: under which version each part of a period is counted, and what has been billed of it."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from apps.kernel.models import Record
from apps.plans.models import PlanVersion
from apps.subscriptions.models.subscription import Subscription


class _Span(Func):
    """[begins, ends) as a range."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class UsageSegment(Record):
    """A part of a period under one plan version: events in [begins, ends) are counted as that version says.

    Local days [starts_on, ends_on), of the anchored period [period_start, period_end), by which minimums are prorated.
    Ends are null while it is open. `billed`: false for a trial whose usage is free. `settled`: its period is over and
    billed; what comes later is a difference.
    """

    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="usage_segments", db_index=False
    )
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    begins = models.DateTimeField()
    ends = models.DateTimeField(null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    period_start = models.DateField()
    period_end = models.DateField()
    billed = models.BooleanField(default=True)
    settled = models.BooleanField(default=False)

    class Meta(Record.Meta):
        constraints = [
            ExclusionConstraint(
                name="subscriptions_usage_counted_once",
                expressions=[
                    ("subscription", RangeOperators.EQUAL),
                    (_Span(F("begins"), F("ends")), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(ends__isnull=True, ends_on__isnull=True, settled=False)
                | Q(ends__gte=F("begins"), ends_on__gte=F("starts_on")),
                name="subscriptions_usage_segment_ends",
            ),
            models.CheckConstraint(
                condition=Q(period_start__lte=F("starts_on"), period_end__gt=F("period_start")),
                name="subscriptions_usage_segment_in_its_period",
            ),
        ]
        indexes = [
            models.Index(fields=["subscription", "begins"], name="subscriptions_usage_segments"),
            models.Index(fields=["subscription"], condition=Q(settled=False), name="subscriptions_usage_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} from {self.begins.isoformat()}"


class UsageBill(Record):
    """What one billing charged of one charge in one period: the difference to the revisions before it, below zero too.

    `charge` and `since` (where it began to be counted) name the run of equal tiers; the sum of its revisions that stand
    is what is billed of it. Two who bill the same at once would make the same revision, and PostgreSQL refuses the second.
    `missing`: what was missing to its minimum; on the component `recurring` to the plan's commitment. `watermark`: which
    events it holds, `events` how many. `released_by`: the invoice that was voided; its revision then counts no longer.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="usage_bills", db_index=False)
    charge = models.CharField(max_length=255)
    since = models.DateTimeField()
    period_start = models.DateField()
    revision = models.PositiveIntegerField()
    usage = models.BigIntegerField(default=0)
    missing = models.BigIntegerField(default=0)
    usage_line_id = models.UUIDField(null=True)
    missing_line_id = models.UUIDField(null=True)
    events = models.PositiveBigIntegerField(default=0)
    watermark = models.TextField(blank=True)
    released_by = models.UUIDField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "charge", "since", "revision"], name="subscriptions_usage_billed_once"
            ),
            models.CheckConstraint(condition=~Q(usage=0, missing=0), name="subscriptions_usage_bill_of_something"),
            models.CheckConstraint(
                condition=Q(usage=0, usage_line_id__isnull=True) | (~Q(usage=0) & Q(usage_line_id__isnull=False)),
                name="subscriptions_usage_bill_line",
            ),
            models.CheckConstraint(
                condition=Q(missing=0, missing_line_id__isnull=True)
                | (~Q(missing=0) & Q(missing_line_id__isnull=False)),
                name="subscriptions_usage_bill_missing_line",
            ),
        ]
        indexes = [
            models.Index(
                fields=["usage_line_id"], condition=Q(usage_line_id__isnull=False), name="subscriptions_usage_line"
            ),
            models.Index(
                fields=["missing_line_id"],
                condition=Q(missing_line_id__isnull=False),
                name="subscriptions_usage_missing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.charge} from {self.since.isoformat()}: {self.usage + self.missing}"
