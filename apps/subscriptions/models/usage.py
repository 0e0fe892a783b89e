"""Metered usage: since when it is counted under which version, and what has been billed of it."""

from django.db import models
from django.db.models import F, Q

from apps.kernel.models import Record
from apps.plans.models import PlanVersion
from apps.plans.rules import ThresholdKind
from apps.subscriptions.models.subscription import Subscription


class UsageTerms(Record):
    """From `since_at` on, up to the next row, usage counts as `plan_version` says; none: it is not counted any more.

    One row a local day, and beside it one that stops: what is changed again on a day replaces the row, so times of one
    subscription can neither overlap nor be in doubt. `period_start` and `period_end`: the anchored period that it lies
    in, by whose days minimums are prorated; of a trial, the trial. `billed`: false where a trial's usage is free.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="usage_terms", db_index=False)
    since_on = models.DateField()
    since_at = models.DateTimeField()
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+", db_index=False, null=True)
    stops = models.BooleanField(default=False)
    period_start = models.DateField()
    period_end = models.DateField()
    billed = models.BooleanField(default=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "since_on", "stops"], name="subscriptions_usage_terms_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(stops=True, plan_version__isnull=True) | Q(stops=False, plan_version__isnull=False),
                name="subscriptions_usage_terms_of_a_version",
            ),
            models.CheckConstraint(
                condition=Q(period_start__lte=F("since_on"), period_end__gt=F("period_start")),
                name="subscriptions_usage_terms_in_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} from {self.since_on}"


class UsageBill(Record):
    """What one billing charged of one charge in one period: the difference to the revisions before it, below zero too.

    `charge` and `since` (where it began to be counted) name the run of equal tiers; the sum of its revisions that stand
    is what is billed of it. Two who bill the same at once would make the same revision, and PostgreSQL refuses the
    second. `missing`: what was missing to its minimum; of the charge `recurring`, to the plan's commitment.
    `watermark`: which events it holds, `events` how many. `released_by`: the void invoice; it then counts no longer.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="usage_bills", db_index=False)
    charge = models.CharField(max_length=255)
    since = models.DateTimeField()
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

    def __str__(self) -> str:
        return f"{self.charge} from {self.since.isoformat()}: {self.usage + self.missing}"


class UsageSweep(models.Model):
    """Up to where events have been looked at for what came after its period was closed: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    watermark = models.TextField()
    swept_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="subscriptions_one_usage_sweep")]

    def __str__(self) -> str:
        return self.watermark


class UsageRecount(Record):
    """Events came, or were corrected, after the time they lie in was closed: it is rated again at `due_at`.

    `starts_at`: the closed window's. `due_at`: the account's next local midnight, so that a day's late events are one
    invoice.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "starts_at"],
                condition=Q(done_at__isnull=True),
                name="subscriptions_one_recount_waits",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(done_at__isnull=True), name="subscriptions_recounts_due"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} from {self.starts_at.isoformat()}"


class ThresholdCheck(Record):
    """Usage has come since the thresholds of its charges were last compared. Deleted by who compares them.

    `starts_at`: the window's that it came into. `due_at`, by the wall: not before then.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["subscription", "starts_at"], name="subscriptions_one_threshold_check"),
        ]
        indexes = [models.Index(fields=["due_at", "id"], name="subscriptions_threshold_checks")]

    def __str__(self) -> str:
        return f"{self.subscription_id} from {self.starts_at.isoformat()}"


class ThresholdReached(Record):
    """Usage of a charge has reached a threshold; it was announced in this transaction, and is not again.

    `charge` and `since` name the run of equal tiers, as those of a bill do. `kind` and `value`: the threshold, an
    amount being in the account's currency. `quantity` and `amount` are what there was when it was found, `limit` what
    a percentage was taken of. `at` is the account's time.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+", db_index=False)
    charge = models.CharField(max_length=255)
    since = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in ThresholdKind])
    value = models.DecimalField(max_digits=28, decimal_places=12)
    quantity = models.DecimalField(max_digits=50, decimal_places=12)
    amount = models.BigIntegerField()
    limit = models.DecimalField(max_digits=28, decimal_places=12, null=True)
    at = models.DateTimeField()

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "charge", "since", "kind", "value"], name="subscriptions_threshold_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in ThresholdKind]), name="subscriptions_threshold_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind=ThresholdKind.PERCENT.value, limit__isnull=False)
                | (~Q(kind=ThresholdKind.PERCENT.value) & Q(limit__isnull=True)),
                name="subscriptions_threshold_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.charge} at {self.kind} {self.value}"
