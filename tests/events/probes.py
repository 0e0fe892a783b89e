"""Event types of the tests' own. The database effect of a handler is an event too: `probe.heard`, about the other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.db import transaction

from apps.events import registry, sequencer
from apps.events.declare import DomainEvent
from apps.events.models import Event
from apps.events.publish import publish
from apps.events.registry import Handler
from apps.events.rules import Lane
from apps.rest.objects import ApiObject

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Probe(ApiObject):
    id: UUID
    number: int


class Done(DomainEvent):
    type = "probe.done"


class Heard(DomainEvent):
    type = "probe.heard"


def happened(count: int = 1) -> list[Done]:
    made = [Probe(id=uuid4(), number=number) for number in range(count)]
    return [Done(object=probe, object_id=probe.id, account_id=None, effective_at=NOON) for probe in made]


def announce(count: int = 1, lane: Lane = Lane.API) -> list[Event]:
    """Publish and commit."""
    with transaction.atomic():
        return list(Event.objects.filter(pk__in=publish(happened(count), lane=lane)).order_by("pk"))


def regret(count: int) -> None:
    """Publish, give positions, and roll everything back."""
    with suppress(ArithmeticError), transaction.atomic():
        publish(happened(count))
        sequencer.assign()
        raise ArithmeticError


def hear(events: Sequence[Event]) -> None:
    publish(
        [Heard(object=None, object_id=event.pk, account_id=None, effective_at=NOON) for event in events], lane=Lane.RUN
    )


def heard() -> list[UUID]:
    """About which events the handler's effect is there, as often as it is there."""
    return sorted(Event.objects.filter(event_type="probe.heard").values_list("object_id", flat=True))


@contextmanager
def listening(handler: Handler, *, name: str = "tests.probe", inline: bool = False) -> Iterator[str]:
    registry.subscribe("probe.done", name=name, inline=inline)(handler)
    try:
        yield name
    finally:
        registry.unsubscribe(name)
