"""Endpoints, and events for them."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from apps.events import sequencer
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.transactions import unit_of_work
from apps.webhooks.actions.endpoints import create
from apps.webhooks.models import Endpoint

ACTOR = system("tests")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Rang(DomainEvent):
    type = "bell.rang"


class Cracked(DomainEvent):
    type = "bell.cracked"


def endpoint(url: str, **fields: Any) -> Endpoint:
    return made(url, **fields)[0]


def made(url: str, **fields: Any) -> tuple[Endpoint, str]:
    """With its secret."""
    return create(fields={"url": url, "event_types": ["bell.*"], **fields}, at=clock.wall(), actor=ACTOR)


def ring(count: int = 1, *, of: type[DomainEvent] = Rang, lane: Lane = Lane.API, **object: Any) -> list[Any]:
    """Publish, commit and give positions."""
    with unit_of_work(ACTOR):
        ids = publish(
            [
                of(object={"number": number, **object}, object_id=uuid4(), account_id=None, effective_at=NOON)
                for number in range(count)
            ],
            lane=lane,
        )
    sequencer.assign()
    return ids
