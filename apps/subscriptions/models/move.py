"""Bulk moves: subscribers of a plan brought to another version of it, one by one, and who could not be."""

from django.db import models
from django.db.models import Q

from apps.kernel.models import MutableRecord, Record
from apps.plans.models import Plan, PlanVersion
from apps.subscriptions.models.subscription import Subscription
from apps.subscriptions.rules.proration import Behavior
from apps.subscriptions.rules.scheduled import Effective

ONE_MOVE = "subscriptions_one_move_per_plan"


class BulkMove(MutableRecord):
    """All live subscriptions of a plan (on `from_version`, if one is named) on their way to `to_version`.

    At most one per plan is under way; each subscription is counted in the transaction that moves it.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    from_version = models.PositiveIntegerField(null=True, blank=True)
    to_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    effective = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Effective])
    proration_behavior = models.CharField(max_length=17, choices=[(each.value, each.value) for each in Behavior])
    due = models.PositiveIntegerField(help_text="Subscriptions to move when it was begun.")
    moved = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    reached = models.UUIDField(null=True, editable=False, help_text="The last subscription that was looked at.")
    actor = models.CharField(max_length=100)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(finished_at__isnull=True), name=ONE_MOVE),
            models.CheckConstraint(condition=Q(due__gte=1), name="subscriptions_move_of_some"),
            models.CheckConstraint(
                condition=Q(effective__in=[each.value for each in Effective]), name="subscriptions_move_effective_known"
            ),
            models.CheckConstraint(
                condition=Q(proration_behavior__in=[each.value for each in Behavior]),
                name="subscriptions_move_behavior_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.moved} of {self.due} moved"


class MoveRefusal(Record):
    """A subscription that could not be moved, and why. Append only."""

    move = models.ForeignKey(BulkMove, on_delete=models.PROTECT, related_name="refusals", db_index=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["move", "subscription"], name="subscriptions_one_refusal_per_move")
        ]

    def __str__(self) -> str:
        return self.reason
