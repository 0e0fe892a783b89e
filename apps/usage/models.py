"""Events, their corrections, and the windows that say what ingest may accept.

`usage_event` is partitioned by month of the id (and so of its arrival); the keys by which a repeated event is known are
a table without a model, `usage_key`, in generations of a year. Both: the first migration.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from apps.kernel.ids import uuid7
from apps.kernel.models import Record
from apps.usage.rules.event import KEY_LENGTH, METRIC_LENGTH


class _Span(Func):
    """[starts_at, ends_at) as a range."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class MeterWindow(Record):
    """A time in which a subscription takes events: a period of one version of one plan.

    All that ingest reads, written by subscriptions alone. `ends_at` is null while it is open; events of a closed one
    are received before `accept_until`. `clock_id`: the test clock that the account lives on. `metrics`: metric -> its
    meters (`rules.meters.WindowMeter`).
    """

    subscription_id = models.UUIDField()
    account_id = models.UUIDField()
    external_key = models.CharField(max_length=255, null=True)  # noqa: DJ001 - null is "none given"
    timezone = models.CharField(max_length=64)
    clock_id = models.UUIDField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    accept_until = models.DateTimeField(null=True)
    metrics = models.JSONField()

    class Meta(Record.Meta):
        constraints = [
            ExclusionConstraint(
                name="usage_windows_never_overlap",
                expressions=[
                    ("subscription_id", RangeOperators.EQUAL),
                    (_Span(F("starts_at"), F("ends_at")), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True, accept_until__isnull=True)
                | Q(ends_at__isnull=False, ends_at__gt=F("starts_at"))
                & Q(accept_until__isnull=False, accept_until__gte=F("ends_at")),
                name="usage_window_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["subscription_id", "starts_at"], name="usage_window_subscription"),
            models.Index(
                fields=["external_key", "starts_at"],
                condition=Q(external_key__isnull=False),
                name="usage_window_external_key",
            ),
            models.Index(fields=["account_id"], name="usage_window_account"),
            models.Index(
                fields=["accept_until"],
                condition=Q(clock_id__isnull=True, accept_until__isnull=False),
                name="usage_window_accept_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} from {self.starts_at.isoformat()}"


class UsageEvent(models.Model):
    """Something that a customer used. Append only.

    `timestamp` decides the period; `received_at` is the account's time of its arrival. `transaction` is the number of
    the transaction that wrote it, by which a watermark knows it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription_id = models.UUIDField()
    metric = models.CharField(max_length=METRIC_LENGTH)
    quantity = models.DecimalField(max_digits=31, decimal_places=12)
    timestamp = models.DateTimeField()
    received_at = models.DateTimeField()
    idempotency_key = models.CharField(max_length=KEY_LENGTH)
    properties = models.JSONField(default=dict)
    transaction = models.BigIntegerField(editable=False)

    class Meta:
        db_table = "usage_event"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.quantity} {self.metric}"


class Correction(Record):
    """An event counts no longer, from the transaction of this row on. `replaced_by`: what counts instead, if anything.

    Append only until its event is gone, one for an event. Subscription, metric and timestamp are the event's.
    """

    event_id = models.UUIDField(unique=True)
    subscription_id = models.UUIDField()
    metric = models.CharField(max_length=METRIC_LENGTH)
    timestamp = models.DateTimeField()
    replaced_by = models.UUIDField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()
    actor = models.CharField(max_length=255)
    transaction = models.BigIntegerField(editable=False)

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["subscription_id", "metric", "timestamp"], name="usage_correction_subscription"),
            models.Index(fields=["transaction"], name="usage_correction_transaction"),
        ]

    def __str__(self) -> str:
        return f"correction of {self.event_id}"
