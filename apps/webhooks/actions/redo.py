"""Have single deliveries made now, whatever they wait for: for whoever presses a button."""

from datetime import datetime

from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.transactions import unit_of_work
from apps.webhooks.actions.resend import enabled
from apps.webhooks.models import Delivery, EndpointState
from apps.webhooks.wake import wake_after_commit


def send_now(*, delivery_id: int, at: datetime, actor: Actor) -> Delivery:
    """Send one again at once, with all its attempts before it; its endpoint is not spared for it.

    Errors: delivery_unknown (404), delivery_under_way, endpoint_not_enabled (409).
    """
    with unit_of_work(actor):
        known = Delivery.objects.filter(pk=delivery_id).first()
        if known is None:
            raise NotFound("delivery_unknown", "There is no such delivery.", hint="List those of the endpoint.")
        enabled(known.endpoint_id)
        # As whoever claims and records does: the endpoint first, then its deliveries.
        state = EndpointState.objects.select_for_update(no_key=True).get(pk=known.endpoint_id)
        delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
        if delivery.lease_until is not None and delivery.lease_until > at:
            raise Conflict(
                "delivery_under_way",
                f"A worker is sending it, until {delivery.lease_until.isoformat()} at most.",
                hint="Look at it again in a moment.",
            )
        delivery.status, delivery.attempts, delivery.next_attempt_at, delivery.delivered_at = "PENDING", 0, at, None
        delivery.lease_token = delivery.lease_until = None
        delivery.save(
            update_fields=["status", "attempts", "next_attempt_at", "delivered_at", "lease_token", "lease_until"]
        )
        EndpointState.objects.filter(pk=state.pk).update(open_until=None)
        wake_after_commit()
    return delivery
