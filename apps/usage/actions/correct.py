"""An event taken back, or replaced by another. It stays; from now on it counts no longer.

The period that it was in is rated again by whoever bills, because the correction is not in its watermark.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.clocks.queries import now_by_clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.ids import uuid7
from apps.kernel.transactions import unit_of_work
from apps.usage.actions.record import record
from apps.usage.models import UsageEvent
from apps.usage.queries import keys
from apps.usage.queries.events import corrections
from apps.usage.queries.windows import clocks_of
from apps.usage.rules.event import EventInput

_CORRECT = """
INSERT INTO usage_correction (
    id, created_at, event_id, subscription_id, metric, timestamp, replaced_by, reason, at, actor
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (event_id) DO NOTHING
"""


def void(*, event_id: UUID, reason: str, at: datetime, actor: Actor) -> UsageEvent:
    """Let an event count no longer. `at`: the wall's time. Errors: event_corrected (409)."""
    with unit_of_work(actor):
        event = _event(event_id)
        _correct(event, None, reason, at, actor)
    return event


def replace(*, event_id: UUID, by: EventInput, reason: str, at: datetime, actor: Actor) -> UsageEvent:
    """Let another event count instead; repeated with the same key, it answers with what it did the first time.

    The new one is taken in a closed period too, and above a cap. Errors: event_corrected, idempotency_key_taken (409),
    and whatever an event is refused for.
    """
    with unit_of_work(actor):
        event = _event(event_id)
        receipt = record([by], at=at, correcting=True)
        if receipt.refused:
            raise receipt.refused[0]
        if receipt.repeated:
            return _before(event, receipt.repeated[0])
        _correct(event, receipt.stored[0], reason, at, actor)
        return UsageEvent.objects.get(pk=receipt.stored[0])


def _event(event_id: UUID) -> UsageEvent:
    event = UsageEvent.objects.filter(pk=event_id).first()
    if event is None:
        raise NotFound("usage_event_not_found", "There is no event with this id.", hint="Find it: GET /v1/usage.")
    return event


def _correct(event: UsageEvent, replaced_by: UUID | None, reason: str, at: datetime, actor: Actor) -> None:
    clock_id = clocks_of([event.subscription_id]).get(event.subscription_id)
    now = now_by_clock([clock_id])[clock_id] if clock_id else at
    row: list[Any] = [
        uuid7(), at, event.pk, event.subscription_id, event.metric, event.timestamp, replaced_by, reason, now,
        str(actor),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CORRECT, row)
        if not cursor.rowcount:
            raise _corrected()


def _before(event: UsageEvent, digest: str) -> UsageEvent:
    """The replacement that was made under this key before."""
    earlier = keys.taken([digest]).get(digest)
    correction = corrections([event.pk]).get(event.pk)
    if correction is None or earlier is None or correction.replaced_by != earlier:
        raise Conflict(
            "idempotency_key_taken",
            "Another event has this idempotency_key.",
            hint="Give the event that replaces this one a key of its own.",
        )
    return UsageEvent.objects.get(pk=earlier)


def _corrected() -> Conflict:
    return Conflict(
        "event_corrected",
        "This event is void or replaced already.",
        hint="Its replaced_by_id names what counts instead; replace that one.",
    )
