"""The sliding window: slides, exact across processes, and steps aside when Redis is away or slow."""

import multiprocessing
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from apps.access import window
from apps.access.metrics import rate_limit_bypassed

NOON = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not make a request pass uncounted while counting is what is tried."""
    monkeypatch.setattr(window, "TIMEOUT_SECONDS", 10.0)


def asked(subject: str, moment: datetime, limit: int = 3) -> window.Outcome:
    with time_machine.travel(moment, tick=False):
        return window.count(subject, limit=limit, bucket_seconds=60)


@pytest.mark.fr("FR-126")
def test_the_window_slides_by_the_minute() -> None:
    subject = str(uuid4())
    assert [asked(subject, NOON).remaining for _ in range(2)] == [2, 1]
    assert asked(subject, NOON + timedelta(minutes=10)).remaining == 0
    refused = asked(subject, NOON + timedelta(minutes=59))
    assert not refused.passed
    # The two of the first minute leave at 13:00:00, one minute after the next full hour of their bucket began.
    assert refused.resets_at == datetime(2026, 11, 23, 13, 0, tzinfo=UTC).timestamp()
    assert refused.retry_after == 31
    after = [asked(subject, NOON + timedelta(minutes=59, seconds=30)) for _ in range(3)]
    assert [outcome.passed for outcome in after] == [True, True, False]


def test_what_was_refused_is_not_counted() -> None:
    subject = str(uuid4())
    for _ in range(3):
        asked(subject, NOON)
    assert not any(asked(subject, NOON + timedelta(minutes=1)).passed for _ in range(10))
    assert asked(subject, NOON + timedelta(minutes=60)).remaining == 2


def looked(subjects: list[str], moment: datetime) -> list[int] | None:
    with time_machine.travel(moment, tick=False):
        return window.used(subjects, bucket_seconds=60)


def test_looking_says_what_counting_would_and_counts_nothing() -> None:
    one, two = str(uuid4()), str(uuid4())
    for minutes in (0, 10, 10):
        asked(one, NOON + timedelta(minutes=minutes))
    for minutes, used in ((10, 3), (59, 3), (60, 2), (69, 2), (70, 0)):
        assert looked([one, two], NOON + timedelta(minutes=minutes)) == [used, 0]
    assert asked(one, NOON + timedelta(minutes=60)).remaining == 0
    assert looked([], NOON) == []


def passes(subject: str, _: int) -> bool:
    return window.count(subject, limit=100, bucket_seconds=60).passed


@pytest.mark.fr("FR-126")
def test_exactly_as_many_pass_as_may_across_processes() -> None:
    subject = str(uuid4())
    with multiprocessing.get_context("fork").Pool(4) as pool:
        outcomes = pool.map(partial(passes, subject), range(240), chunksize=5)
    assert sum(outcomes) == 100


@pytest.fixture
def mute_server() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_redis_down_lets_pass_and_counts(settings: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://127.0.0.1:{unused.getsockname()[1]}/0"
        before = rate_limit_bypassed._value.get()
        outcome = window.count("anyone", limit=1, bucket_seconds=60)
        assert window.used(["anyone"], bucket_seconds=60) is None
    assert outcome.passed
    assert rate_limit_bypassed._value.get() == before + 1


def test_redis_mute_costs_50_milliseconds(settings: Any, mute_server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "TIMEOUT_SECONDS", 0.05)
    settings.REDIS_URL = f"redis://127.0.0.1:{mute_server}/0"
    begun = time.monotonic()
    assert window.count("anyone", limit=1, bucket_seconds=60).passed
    assert 0.05 <= time.monotonic() - begun < 0.5
