"""Pending work here: deliveries to endpoints, and wishes to have many sent again."""

from django.db.models import Q, QuerySet

from apps.kernel import clock
from apps.kernel.backlog import Kind, register
from apps.webhooks.actions.redo import send_now
from apps.webhooks.models import Delivery, Endpoint, Resend
from apps.webhooks.rules.states import EndpointStatus, Status
from apps.webhooks.wake import wake

WAITS, GIVEN_UP = Q(status=Status.PENDING), Q(status=Status.FAILED)
"""Each has an index of its own, which an IN would not use."""


def _waiting() -> QuerySet[Delivery]:
    """Without those of endpoints that are switched off, which are few: as a join they would lead past the indexes."""
    off = Endpoint.objects.exclude(status=EndpointStatus.ENABLED).values("pk")
    return Delivery.objects.filter(WAITS | GIVEN_UP).exclude(endpoint_id__in=off)


DELIVERIES = register(
    Kind(
        name="webhooks.deliveries",
        title="Webhooks",
        rows=_waiting,
        next_at="next_attempt_at",
        calls="attempts",
        reason="last_error",
        leased=True,
        stopped=GIVEN_UP,
        called=lambda row: f"number {row.sequence}",
        try_now=lambda row, actor: send_now(delivery_id=row.pk, at=clock.wall(), actor=actor),
        button="Send now",
    )
)
RESENDS = register(
    Kind(
        name="webhooks.resends",
        title="Webhooks to be sent again",
        rows=lambda: Resend.objects.filter(done_at__isnull=True),
        moved="moved_at",
        try_now=lambda row, actor: wake(),
    )
)
