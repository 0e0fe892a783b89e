"""Prefer: wait."""

import threading
from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

import pytest
from django.db import connections

from apps.events import relay, waiting
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.transactions import correlation
from tests.events.probes import announce, hear, heard, listening


@pytest.fixture
def request_id() -> Iterator[None]:
    token = correlation.set(f"req-{uuid4()}")
    yield
    correlation.reset(token)


def test_the_answer_waits_until_the_deliveries_are_made(committed_db: str, request_id: None) -> None:
    def work() -> None:
        clock.pause(0.3)
        relay.sweep()
        connections.close_all()

    with listening(hear):
        [event] = announce()
        assert waiting.collect() == [event.pk]
        thread = threading.Thread(target=work)
        began = clock.monotonic()
        thread.start()
        waiting.wait(20)
        took = clock.monotonic() - began
        assert heard() == [event.pk]
        thread.join()
    assert 0.25 < took < 10


def test_it_gives_up_in_time_and_asks_whoever_registered(committed_db: str, request_id: None) -> None:
    asked: list[Sequence[UUID]] = []

    def never(event_ids: Sequence[UUID]) -> bool:
        asked.append(event_ids)
        return False

    [event] = announce()
    assert waiting.settled([event.pk])
    waiting.register(never)
    try:
        began = clock.monotonic()
        waiting.wait(0.2)
        assert 0.2 <= clock.monotonic() - began < 5
    finally:
        waiting.unregister(never)
    assert asked[0] == [event.pk]


@pytest.mark.django_db
def test_only_this_request_is_waited_for(request_id: None) -> None:
    with listening(hear):
        announce(lane=Lane.RUN)
        assert waiting.collect() == []
        announce()
        token = correlation.set(f"req-{uuid4()}")
        assert waiting.collect() == []
        [event] = announce()
        assert waiting.collect() == [event.pk]
        correlation.set("")
        announce()
        assert waiting.collect() == []
        began = clock.monotonic()
        waiting.wait(20)
        assert clock.monotonic() - began < 1
        correlation.reset(token)
