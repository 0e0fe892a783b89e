"""The relay: tells queued subscribers, in batches, each delivery's database work exactly once.

A batch is claimed, handled and marked done in one transaction: killed anywhere, nothing of it has happened. If a batch
fails, its deliveries are tried one by one, each in its own transaction, so that only the bad one waits or dies.
"""

from collections.abc import Sequence

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet

from apps.events import registry, sequencer
from apps.events.models import Delivery, Event
from apps.events.registry import Subscriber
from apps.events.rules import BATCH, Lane, Status, after_failure
from apps.kernel import clock
from apps.kernel.tracing import working_off

BUDGET_SECONDS = 60.0
"""How long one drain goes on; what is left is found by the next."""

ERROR_LENGTH = 2000

_OWED = """
SELECT name FROM unnest(%s::text[]) WITH ORDINALITY AS listening (name, place)
WHERE EXISTS (
    SELECT FROM events_delivery
    WHERE subscriber = name AND lane = %s AND status = 'PENDING' AND next_attempt_at <= %s
)
ORDER BY place
"""


def run_once(name: str, lane: Lane, *, limit: int = BATCH) -> int:
    """Tell one subscriber up to `limit` events of one lane; returns how many deliveries were tried."""
    subscriber = registry.subscriber(name)
    claimed: list[int] = []
    try:
        with transaction.atomic():
            due = _due(name, lane).order_by("next_attempt_at", "id")[:limit]
            owed = dict(due.values_list("id", "event_id"))
            claimed = list(owed)
            if claimed:
                _tell(subscriber, Event.objects.filter(id__in=owed.values()).order_by("id"))
                _done(claimed)
    except Exception:
        if not claimed:
            raise
        structlog.get_logger(__name__).warning("batch_failed", subscriber=name, deliveries=len(claimed), exc_info=True)
        for delivery_id in claimed:
            _alone(subscriber, lane, delivery_id)
    return len(claimed)


def drain(lane: Lane) -> int:
    """Tell all subscribers what is due in `lane`; the API's events first, and again between batches of a run."""
    names = [subscriber.name for subscriber in registry.subscribers(inline=False)]
    deadline, total = clock.monotonic() + BUDGET_SECONDS, 0
    while clock.monotonic() < deadline:
        moved = _round(names)
        for name in _owed(names, Lane.RUN) if lane is Lane.RUN else ():
            if batch := run_once(name, Lane.RUN):
                moved += batch + _round(names)
        if not moved:
            break
        total += moved
    return total


def sweep() -> int:
    """All that a lost doorbell, a crash or a back-off has left: positions, then both lanes."""
    sequencer.assign()
    return drain(Lane.RUN)


def _round(names: Sequence[str]) -> int:
    """One batch of the API's lane for each subscriber."""
    return sum(run_once(name, Lane.API) for name in _owed(names, Lane.API))


def _owed(names: Sequence[str], lane: Lane) -> list[str]:
    """Those of these subscribers for which anything is due: one look, for most often there is nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_OWED, [list(names), lane.value, clock.wall()])
        return [name for (name,) in cursor.fetchall()]


def _due(name: str, lane: Lane) -> QuerySet[Delivery]:
    """Deliveries to be tried now, locked; those that another relay holds are left to it."""
    return Delivery.objects.select_for_update(skip_locked=True).filter(
        subscriber=name, lane=lane.value, status=Status.PENDING.value, next_attempt_at__lte=clock.wall()
    )


def _alone(subscriber: Subscriber, lane: Lane, delivery_id: int) -> None:
    """Try one delivery of a failed batch, unless another relay has taken it meanwhile."""
    try:
        with transaction.atomic():
            delivery = _due(subscriber.name, lane).filter(id=delivery_id).select_related("event").first()
            if delivery is not None:
                _tell(subscriber, [delivery.event])
                _done([delivery.pk])
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is written down and tried again
        _failed(delivery_id, error)


def _tell(subscriber: Subscriber, events: Sequence[Event] | QuerySet[Event]) -> None:
    rows = list(events)
    with working_off(f"tell {subscriber.name}", rows):
        subscriber.handler(rows)


def _done(delivery_ids: Sequence[int]) -> None:
    Delivery.objects.filter(id__in=delivery_ids).update(status=Status.DONE.value, done_at=clock.wall(), last_error="")


def _failed(delivery_id: int, error: Exception) -> None:
    """Count one failure, and wait longer or give up."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().filter(id=delivery_id, status=Status.PENDING.value).first()
        if delivery is None:
            return
        attempts = delivery.attempts + 1
        status, again = after_failure(attempts, clock.wall())
        told = f"{type(error).__name__}: {error}".replace("\x00", "")[:ERROR_LENGTH]
        Delivery.objects.filter(id=delivery_id).update(
            status=status.value, attempts=attempts, next_attempt_at=again, last_error=told
        )
    structlog.get_logger(__name__).error(
        "delivery_dead" if status is Status.DEAD else "delivery_failed",
        delivery=delivery_id, subscriber=delivery.subscriber, event_id=str(delivery.event_id), attempts=attempts,
        exc_info=error,
    )  # fmt: skip
