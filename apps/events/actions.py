"""What a person may do to the outbox: have a delivery made now, a dead one too."""

from datetime import datetime

from apps.events.models import Delivery
from apps.events.publish import QUEUES
from apps.events.rules import Lane, Status
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.transactions import unit_of_work


def retry_delivery(*, delivery_id: int, at: datetime, actor: Actor) -> Delivery:
    """Put a dead delivery back to work, with all its attempts before it. `at` is wall time: this is no customer's."""
    with unit_of_work(actor):
        delivery = Delivery.objects.select_for_update().filter(id=delivery_id).first()
        if delivery is None:
            raise NotFound("delivery_unknown", f"No delivery has the id {delivery_id}.", hint="List the dead ones.")
        if delivery.status != Status.DEAD:
            raise Conflict(
                "delivery_not_dead",
                f"Delivery {delivery_id} is {delivery.status}.",
                hint="Only a DEAD delivery is retried by hand; a PENDING one is tried again by itself.",
            )
        delivery.status, delivery.attempts, delivery.next_attempt_at = Status.PENDING.value, 0, at
        delivery.save(update_fields=["status", "attempts", "next_attempt_at"])
        lane = Lane(delivery.lane)
        ring_after_commit("events.relay", QUEUES[lane], lane=lane.value)
    return delivery


def deliver_now(*, delivery_id: int, at: datetime, actor: Actor) -> None:
    """Have a delivery that waits for its next try made at once; a dead one begins anew. Errors: delivery_done (409)"""
    with unit_of_work(actor):
        delivery = Delivery.objects.select_for_update().filter(id=delivery_id).first()
        if delivery is None or delivery.status == Status.DONE:
            raise Conflict("delivery_done", f"Delivery {delivery_id} is made.", hint="There is nothing to do.")
        if delivery.status == Status.DEAD:
            retry_delivery(delivery_id=delivery_id, at=at, actor=actor)
            return
        Delivery.objects.filter(id=delivery_id).update(next_attempt_at=at)
        lane = Lane(delivery.lane)
        ring_after_commit("events.relay", QUEUES[lane], lane=lane.value)
