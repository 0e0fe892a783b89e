"""Endpoint: who is told. Delivery: one event to one endpoint, with a lease; Attempt: each call that was made for it."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.events.models import Event
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.encryption import EncryptedField
from apps.kernel.fields import MetadataField
from apps.kernel.models import MutableRecord, Record
from apps.webhooks.rules.states import EndpointStatus, Format, Outcome, Reason, Scope, Status


def _choices(states: Any) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in states]


class Endpoint(MutableRecord):
    """A URL that is told of events of some types. Nobody is a customer here: endpoints are the deployment's own."""

    name = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=2048)
    event_types = ArrayField(models.CharField(max_length=121))
    # The same for LIKE, so that the fan-out compares in the database.
    likes = ArrayField(models.CharField(max_length=250), editable=False)
    api_version = models.CharField(max_length=10)
    format = models.CharField(max_length=10, choices=_choices(Format), default=Format.EVENT)
    redact = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    concurrency = models.PositiveSmallIntegerField(default=10)
    owner_email = models.EmailField(max_length=254, blank=True)
    metadata = MetadataField()
    status = models.CharField(max_length=8, choices=_choices(EndpointStatus), default=EndpointStatus.ENABLED)
    disabled_reason = models.CharField(max_length=8, choices=_choices(Reason), default="", blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta(MutableRecord.Meta):
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=[each.value for each in EndpointStatus])
                & Q(format__in=[each.value for each in Format])
                & Q(disabled_reason__in=[each.value for each in Reason]),
                name="webhooks_endpoint_known",
            ),
            models.CheckConstraint(
                condition=Q(status=EndpointStatus.ENABLED.value, disabled_at__isnull=True, disabled_reason="")
                | Q(status=EndpointStatus.DISABLED.value, disabled_at__isnull=False) & ~Q(disabled_reason="")
                | Q(status=EndpointStatus.DELETED.value),
                name="webhooks_endpoint_disabled",
            ),
            models.CheckConstraint(
                condition=Q(concurrency__gte=1, concurrency__lte=50), name="webhooks_endpoint_concurrency"
            ),
            models.CheckConstraint(condition=Q(event_types__len__gte=1), name="webhooks_endpoint_types"),
        )

    def __str__(self) -> str:
        return self.name or self.url


class EndpointSecret(Record):
    """A secret of an endpoint, encrypted. Until it expires each message carries its signature beside the others'."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="secrets")
    secret = EncryptedField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta(Record.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["endpoint"], condition=Q(expires_at__isnull=True), name="webhooks_secret_one_for_good"
            ),
        )


class EndpointState(models.Model):
    """How it goes with an endpoint: a figure of operation. Its lock is what claims and records wait for.

    `last_sequence`: given to its newest delivery. `failures`: in a row. `open_until`: it is spared until then.
    `missed_after`: the last position it was told of before it was disabled. `notice_due_at`: its owner is to be told.
    """

    endpoint = models.OneToOneField(Endpoint, on_delete=models.PROTECT, primary_key=True, related_name="state")
    last_sequence = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)
    missed_after = models.BigIntegerField(null=True)
    notice_due_at = models.DateTimeField(null=True)
    notice_calls = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=["notice_due_at"], condition=Q(notice_due_at__isnull=False), name="webhooks_notices"),
        )

    def __str__(self) -> str:
        return str(self.endpoint_id)


class FanOut(models.Model):
    """One row: the position up to which deliveries have been made of events. Whoever makes them holds its lock."""

    position = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="webhooks_fanout_one"),)

    def __str__(self) -> str:
        return str(self.position)


class Delivery(models.Model):
    """One event to one endpoint. `sequence` counts an endpoint's deliveries without a gap, by position."""

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)
    sequence = models.BigIntegerField()
    lane = models.CharField(max_length=8, choices=_choices(Lane))
    status = models.CharField(max_length=9, choices=_choices(Status), default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.wall)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(default=clock.wall)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = "webhook"
        constraints = (
            models.UniqueConstraint(fields=["event", "endpoint"], name="webhooks_delivery_once"),
            models.UniqueConstraint(fields=["endpoint", "sequence"], name="webhooks_delivery_sequence"),
            models.CheckConstraint(
                condition=Q(status__in=[each.value for each in Status]), name="webhooks_delivery_status"
            ),
        )
        indexes = (
            models.Index(
                fields=["endpoint", "lane", "next_attempt_at", "id"],
                condition=Q(status=Status.PENDING.value), name="webhooks_delivery_due",
            ),
            models.Index(
                fields=["endpoint"], condition=Q(lease_until__isnull=False), name="webhooks_delivery_leased"
            ),
            models.Index(
                fields=["endpoint", "sequence"], condition=Q(status=Status.FAILED.value), name="webhooks_delivery_dead"
            ),
            # Lists of staff: of one endpoint, in one state; those that wait and those that were given up are few.
            models.Index(fields=["endpoint", "-id"], name="webhooks_delivery_endpoint"),
            models.Index(fields=["endpoint", "status", "-id"], name="webhooks_delivery_state"),
            models.Index(fields=["-id"], condition=Q(status=Status.PENDING.value), name="webhooks_delivery_waits"),
            models.Index(fields=["-id"], condition=Q(status=Status.FAILED.value), name="webhooks_delivery_failed"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.sequence}"


class Attempt(Record):
    """One call of an endpoint, and what it answered. For ever: a delivery that is made again gets further ones."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="attempts", db_index=False)
    # None: a test, which is of no event.
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="calls", db_index=False)
    outcome = models.CharField(max_length=11, choices=_choices(Outcome))
    status_code = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.PositiveIntegerField()
    error = models.CharField(max_length=500, blank=True)
    response = models.CharField(max_length=1000, blank=True)

    class Meta(Record.Meta):
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome__in=[each.value for each in Outcome]), name="webhooks_attempt_outcome"
            ),
        )
        indexes = (
            models.Index(fields=["delivery", "id"], name="webhooks_attempt_delivery"),
            models.Index(fields=["endpoint", "-id"], name="webhooks_attempt_endpoint"),
            models.Index(
                fields=["outcome", "-id"],
                condition=~Q(outcome=Outcome.DELIVERED.value), name="webhooks_attempt_failed",
            ),
        )  # fmt: skip


class Resend(Record):
    """A wish to have events of some positions sent to an endpoint again, worked off in batches."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="resends")
    scope = models.CharField(max_length=6, choices=_choices(Scope))
    # Events above the one, up to the other; `after` moves on as they are looked at.
    after = models.BigIntegerField()
    until = models.BigIntegerField()
    made = models.PositiveIntegerField(default=0)
    actor = models.CharField(max_length=255)
    moved_at = models.DateTimeField(default=clock.wall)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta(Record.Meta):
        constraints = (
            models.CheckConstraint(condition=Q(scope__in=[each.value for each in Scope]), name="webhooks_resend_scope"),
        )
        indexes = (models.Index(fields=["id"], condition=Q(done_at__isnull=True), name="webhooks_resend_undone"),)
