"""Numbers that are read: cached, absent when they cannot be had, never holding /metrics up."""

import threading
from collections.abc import Iterator

import pytest

from apps.kernel import clock
from apps.monitoring import collectors


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(collectors, "_registry", {})
    return


def test_serves_gauges_with_labels() -> None:
    collectors.register("queue_depth", "Waiting", ["queue"], lambda: [(["events"], 3), (["bulk"], 0)])
    text = collectors.Cache().text().decode()
    assert 'queue_depth{queue="events"} 3.0' in text
    assert 'queue_depth{queue="bulk"} 0.0' in text


def test_reads_once_in_fifteen_seconds() -> None:
    read: list[int] = []

    def load() -> collectors.Samples:
        read.append(1)
        return [([], len(read))]

    collectors.register("some_gauge", "Some", [], load)
    cache = collectors.Cache()
    assert cache.text() == cache.text()
    assert len(read) == 1


def test_one_that_fails_is_absent_and_the_others_are_served() -> None:
    def broken() -> collectors.Samples:
        raise OSError("away")

    collectors.register("broken_gauge", "Broken", [], broken)
    collectors.register("whole_gauge", "Whole", [], lambda: [([], 1)])
    text = collectors.Cache().text().decode()
    assert "broken_gauge" not in text
    assert "whole_gauge 1.0" in text


def test_one_that_hangs_does_not_hold_metrics_up() -> None:
    release = threading.Event()

    def hangs() -> collectors.Samples:
        release.wait(10)
        return [([], 1)]

    collectors.register("hanging_gauge", "Hangs", [], hangs)
    cache = collectors.Cache()
    started = clock.monotonic()
    assert cache.text() == b""
    assert clock.monotonic() - started < collectors.PATIENCE + 0.5
    release.set()
    for _ in range(20):
        if b"hanging_gauge 1.0" in cache.text():
            return
    pytest.fail("it was not served once it had been read")


def test_a_name_is_registered_once() -> None:
    collectors.register("twice", "Twice", [], lambda: [])
    with pytest.raises(ValueError, match="twice is registered already"):
        collectors.register("twice", "Twice", [], lambda: [])
