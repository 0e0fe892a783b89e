"""Doorbells: a broker that is away costs little, fails nothing, and is left alone for a while."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from celery import current_app
from prometheus_client import REGISTRY

from apps.events import relay
from apps.events.models import Event
from apps.kernel import clock, doorbell
from tests.events.brokers import application, bells, closed_port, silent_port
from tests.events.probes import announce, hear, heard, listening


def failures() -> float:
    return REGISTRY.get_sample_value("doorbell_failures_total") or 0.0


def test_it_sends_the_task_by_name() -> None:
    with bells() as count:
        assert doorbell.ring("events.relay", "events", lane="api")
        assert count.rung("events") == 1
        assert b"events.relay" in count.redis.lindex(f"{count.prefix}events", 0)


@pytest.mark.parametrize("away", [closed_port, silent_port])
def test_redis_down_at_commit_neither_fails_nor_slows_the_request(
    committed_db: str, away: Callable[[], AbstractContextManager[int]]
) -> None:
    before = failures()
    with listening(hear), away() as port, application(f"redis://127.0.0.1:{port}/0"):
        began = clock.monotonic()
        [event] = announce()
        first = clock.monotonic() - began
        assert first < 1.5
        assert failures() == before + 1
        # The circuit is open: the next requests do not even try.
        began = clock.monotonic()
        for _ in range(20):
            announce()
        assert clock.monotonic() - began < 0.5 + first / 2
        assert failures() == before + 21
        assert Event.objects.filter(event_type="probe.done").count() == 21
        assert relay.sweep() == 21
    assert len(heard()) == 21
    assert event.pk in heard()


def test_it_rings_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "QUIET_SECONDS", 0.3)
    with bells() as count:
        real = count.redis.connection_pool.connection_kwargs
        with closed_port() as port, application(f"redis://127.0.0.1:{port}/0") as app:
            assert not doorbell.ring("events.relay", "events")
            app.conf.broker_url = f"redis://{real['host']}:{real['port']}/0"
            assert not doorbell.ring("events.relay", "events")
            clock.pause(0.35)
            assert failures() > 0
        assert doorbell.ring("events.relay", "events")
        assert count.rung("events") == 1


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """What a transaction does once it is committed, in a process that has a thread for it."""

    def asked(task: str, queue: str) -> None:
        # Celery knows the application of this thread alone.
        monkeypatch.setattr(doorbell, "current_app", current_app._get_current_object())
        doorbell._Bell(task, queue, ())()

    doorbell.start()
    yield asked
    doorbell.finish()


def waited(until: Callable[[], bool]) -> bool:
    """Whether it comes true within five seconds."""
    deadline = clock.monotonic() + 5
    while not until() and clock.monotonic() < deadline:
        clock.pause(0.01)
    return until()


def test_a_thread_rings_at_once_and_then_once_for_all_that_ask(
    ask: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorbell, "PACE", 0.5)
    with bells() as count:
        ask("events.relay", "events")
        assert waited(lambda: count.rung("events") == 1)
        for _ in range(20):
            ask("events.relay", "events")
            ask("payments.sweep", "payments")
        assert count.rung("events") == 1, "not again before its time"
        doorbell.finish()
        assert (count.rung("events"), count.rung("payments")) == (2, 1), "what waits is rung at the end"
        ask("events.relay", "events")
        assert count.rung("events") == 3, "without a thread at once"


def test_a_thread_outlives_a_broker_that_is_away(ask: Callable[[str, str], None]) -> None:
    before = failures()
    with closed_port() as port, application(f"redis://127.0.0.1:{port}/0"):
        ask("events.relay", "events")
        assert waited(lambda: failures() > before)
    with bells() as count:
        ask("events.relay", "events")
        assert waited(lambda: count.rung("events") == 1)
