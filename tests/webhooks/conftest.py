"""Receivers on this machine, which may be called here, and a clock that can be moved."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.kernel import clock
from apps.webhooks.actions.sweep import sweep
from apps.webhooks.models import Endpoint
from tests.webhooks.endpoints import ACTOR
from tests.webhooks.receiver import Behaviour, Receiver


@pytest.fixture(autouse=True)
def _here(settings: Any) -> None:
    """What stands on this machine may be called by these tests."""
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def receivers() -> Iterator[Callable[..., Receiver]]:
    """Any number of them."""
    made: list[Receiver] = []

    def make(behave: Behaviour | None = None) -> Receiver:
        made.append(Receiver(behave))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Set when the test is over: for those who are silent until then."""
    event = threading.Event()
    yield event
    event.set()


class Moved:
    """The wall clock, moved by so much."""

    def __init__(self) -> None:
        self.by = timedelta()

    def on(self, **span: int) -> datetime:
        self.by += timedelta(**span)
        return clock.wall()


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Moved:
    made, real = Moved(), clock.wall
    monkeypatch.setattr(clock, "wall", lambda: real() + made.by)
    return made


@pytest.fixture
def send() -> Callable[..., int]:
    """One sweep of the worker."""

    def swept(seconds: float = 60, **more: Any) -> int:
        return sweep(seconds=seconds, actor=ACTOR, **more)

    return swept


@pytest.fixture
def state() -> Callable[[Endpoint], Any]:
    """How it goes with an endpoint."""

    def read(endpoint: Endpoint) -> Any:
        return Endpoint.objects.select_related("state").get(pk=endpoint.pk).state

    return read
