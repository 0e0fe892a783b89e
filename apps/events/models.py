"""Event: what happened, for ever. Delivery: the work of telling one subscriber."""

from django.db import models
from django.db.models import F, Q

from apps.events.rules import Lane, Status
from apps.kernel import clock
from apps.kernel.models import Record


class Event(Record):
    """One thing that happened. Append only; `position` is set once, by the sequencer, after the commit."""

    event_type = models.CharField(max_length=100)
    version = models.PositiveSmallIntegerField(default=1)
    effective_at = models.DateTimeField()
    position = models.BigIntegerField(null=True, editable=False)
    lane = models.CharField(max_length=8, choices=[(lane.value, lane.value) for lane in Lane])
    account_id = models.UUIDField(null=True)
    object_id = models.UUIDField()
    correlation = models.TextField(default="", blank=True)
    traceparent = models.CharField(max_length=64, default="", db_default="", blank=True, editable=False)
    data = models.JSONField()

    class Meta(Record.Meta):
        constraints = (
            # Partial, so that it is no candidate for a foreign key and setting a position needs no key lock.
            models.UniqueConstraint(
                fields=["position"], condition=Q(position__isnull=False), name="events_event_position_once"
            ),
            models.CheckConstraint(
                condition=Q(position__isnull=True) | Q(position__gt=0), name="events_event_position"
            ),
            models.CheckConstraint(condition=Q(lane__in=[lane.value for lane in Lane]), name="events_event_lane"),
        )
        indexes = (
            models.Index(fields=["id"], condition=Q(position__isnull=True), name="events_event_unsequenced"),
            models.Index(fields=["account_id", "position"], name="events_event_account"),
            models.Index(fields=["object_id"], name="events_event_object"),
            # Few among a run's, and a list of them alone is looked at: without it each event would be.
            models.Index(fields=["-id"], condition=Q(lane=Lane.API.value), name="events_event_api"),
        )


class Delivery(models.Model):
    """One event to one queued subscriber. A work row: the relay changes it in the handler's own transaction."""

    id = models.BigAutoField(primary_key=True)
    # The unique key below begins with the event: an index of the foreign key alone would be a second one.
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    subscriber = models.CharField(max_length=100)
    lane = models.CharField(max_length=8, choices=[(lane.value, lane.value) for lane in Lane])
    status = models.CharField(
        max_length=8, choices=[(status.value, status.value) for status in Status], default=Status.PENDING.value
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.wall)
    last_error = models.TextField(default="", blank=True)
    done_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "deliveries"
        constraints = (
            models.UniqueConstraint(fields=["event", "subscriber"], name="events_delivery_once"),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in Status]), name="events_delivery_status"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.DONE.value, done_at__isnull=False)
                | (~Q(status=Status.DONE.value) & Q(done_at__isnull=True)),
                name="events_delivery_done_at",
            ),
        )
        indexes = (
            models.Index(
                F("subscriber"), F("lane"), F("next_attempt_at"), F("id"),
                condition=Q(status=Status.PENDING.value), name="events_delivery_due",
            ),
            models.Index(fields=["id"], condition=Q(status=Status.DEAD.value), name="events_delivery_dead"),
            models.Index(fields=["-id"], condition=Q(lane=Lane.API.value), name="events_delivery_api"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.subscriber} {self.pk}"
