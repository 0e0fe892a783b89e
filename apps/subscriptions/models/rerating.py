"""Re-ratings: closed periods of a plan's version rated again, shown first; each subscription with its difference."""

from django.db import models
from django.db.models import F, Q

from apps.kernel.fields import CurrencyField
from apps.kernel.models import MutableRecord
from apps.plans.models import Plan, PlanVersion
from apps.subscriptions.models.subscription import Subscription
from apps.subscriptions.rules.rerating import RerateStatus


class Rerating(MutableRecord):
    """Usage that was counted by `plan_version` in periods that are over, rated again as `corrected_version` has it.

    `hash`: of every subscription's difference as it was previewed. `actor` began it, `billed_by` had it billed.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    corrected_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    periods_from = models.DateField(null=True, blank=True, help_text="Periods that begin on this day or later.")
    periods_until = models.DateField(null=True, blank=True, help_text="Periods that begin before this day.")
    reason = models.TextField()
    status = models.CharField(
        max_length=10, choices=[(each.value, each.value) for each in RerateStatus], default=RerateStatus.PREVIEWING
    )
    due = models.PositiveIntegerField(help_text="Subscriptions to rate again.")
    hash = models.CharField(max_length=64, blank=True)
    actor = models.CharField(max_length=100)
    billed_by = models.CharField(max_length=100, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(MutableRecord.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[each.value for each in RerateStatus]),
                name="subscriptions_rerating_status_known",
            ),
            models.CheckConstraint(condition=Q(due__gte=1), name="subscriptions_rerating_of_some"),
            models.CheckConstraint(condition=~Q(reason=""), name="subscriptions_rerating_has_a_reason"),
            models.CheckConstraint(
                condition=Q(periods_from=None) | Q(periods_until=None) | Q(periods_until__gt=F("periods_from")),
                name="subscriptions_rerating_periods",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["PREVIEWING", "PREVIEWED"], billed_by="")
                | (Q(status__in=["BILLING", "FINISHED"]) & ~Q(billed_by="")),
                name="subscriptions_rerating_billed_by",
            ),
            models.CheckConstraint(
                condition=Q(status="FINISHED", finished_at__isnull=False)
                | (~Q(status="FINISHED") & Q(finished_at__isnull=True)),
                name="subscriptions_rerating_finished",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(status__in=["PREVIEWING", "BILLING"]), name="subscriptions_rerating_open"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.due} rated again"


class ReratedSubscription(MutableRecord):
    """One subscription of a re-rating: what was billed of its charges, and what they come to.

    `before`, `after`: those that differ, together, in minor units before discounts and tax. `lines`: each of them, with
    the lines that billed it. `total` and `credited`: of the invoice that it makes, with tax. `error`: why it is left
    as it is. `hash`: of what was previewed; it is billed only if it comes to the same.
    """

    rerating = models.ForeignKey(Rerating, on_delete=models.PROTECT, related_name="subscriptions", db_index=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    currency = CurrencyField()
    before = models.BigIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    lines = models.JSONField(default=list)
    total = models.BigIntegerField(default=0)
    credited = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)
    invoice_id = models.UUIDField(null=True)
    previewed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["rerating", "subscription"], name="subscriptions_rerated_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, invoice_id__isnull=True) | Q(previewed_at__isnull=False),
                name="subscriptions_rerated_after_its_preview",
            ),
            models.CheckConstraint(
                condition=Q(error="") | Q(invoice_id__isnull=True), name="subscriptions_rerated_or_not"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.after - self.before}"
