"""Disable an endpoint: it is sent nothing until somebody enables it, and its owner is told."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import F

from apps.events.publish import publish
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.transactions import after_commit, unit_of_work
from apps.webhooks.events import WebhookEndpointDisabled
from apps.webhooks.metrics import webhook_endpoints_disabled_total
from apps.webhooks.models import Endpoint, EndpointState, FanOut
from apps.webhooks.objects import endpoint_objects
from apps.webhooks.rules.states import EndpointStatus, Reason

logger = structlog.get_logger(__name__)


def disable_failing(endpoint_id: UUID, *, reason: Reason, at: datetime, actor: Actor) -> None:
    """Disable an endpoint that fails, or says that it is gone. One that is not enabled any more is left alone."""
    if disable(endpoint_id, reason=reason, at=at, actor=actor):
        EndpointState.objects.filter(pk=endpoint_id).update(notice_due_at=at, notice_calls=0)
        ring_after_commit("webhooks.tell", "webhooks")
        after_commit(webhook_endpoints_disabled_total.labels(reason.value).inc, name="webhook_endpoints_disabled_total")
        logger.warning("webhook_endpoint_disabled", endpoint_id=str(endpoint_id), reason=reason.value)


def disable(endpoint_id: UUID, *, reason: Reason, at: datetime, actor: Actor) -> bool:
    """Disable it if it is enabled, and announce it. What it misses from now on is remembered as a position."""
    with unit_of_work(actor):
        rows = Endpoint.objects.filter(pk=endpoint_id, status=EndpointStatus.ENABLED)
        changed = rows.update(
            status=EndpointStatus.DISABLED,
            disabled_reason=reason,
            disabled_at=at,
            updated_at=at,
            version=F("version") + 1,
        )
        if not changed:
            return False
        told_up_to = FanOut.objects.values_list("position", flat=True).get(pk=1)
        EndpointState.objects.filter(pk=endpoint_id).update(missed_after=told_up_to)
        endpoint = Endpoint.objects.get(pk=endpoint_id)
        publish(
            [
                WebhookEndpointDisabled(
                    object=endpoint_objects([endpoint])[0], object_id=endpoint.pk, account_id=None, effective_at=at
                )
            ]
        )
    return True
