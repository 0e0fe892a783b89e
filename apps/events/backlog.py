"""Pending work here: events without a position, deliveries to be made or given up."""

from django.db.models import Q

from apps.events.actions import deliver_now
from apps.events.models import Delivery, Event
from apps.events.rules import Status
from apps.kernel import clock
from apps.kernel.backlog import Kind, register
from apps.kernel.doorbell import ring

WAITS, DEAD = Q(status=Status.PENDING), Q(status=Status.DEAD)
"""Each has an index of its own, which an IN would not use."""

SEQUENCE = register(
    Kind(
        name="events.sequence",
        title="Events without a position",
        rows=lambda: Event.objects.filter(position__isnull=True),
        moved="created_at",
        try_now=lambda row, actor: ring("events.sequence", "events"),
    )
)
DELIVERIES = register(
    Kind(
        name="events.deliveries",
        title="Deliveries to our own apps",
        rows=lambda: Delivery.objects.filter(WAITS | DEAD).select_related("event"),
        since="event__created_at",
        next_at="next_attempt_at",
        calls="attempts",
        reason="last_error",
        stopped=DEAD,
        try_now=lambda row, actor: deliver_now(delivery_id=row.pk, at=clock.wall(), actor=actor),
    )
)
