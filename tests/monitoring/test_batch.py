"""What waits to be counted is counted, all of it and once."""

import os
import threading
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram

from apps.monitoring import batch

BUCKETS = (0.1, 1, 10)


@pytest.fixture
def held() -> Iterator[None]:
    """A process that counts later, with nobody who would do it meanwhile."""
    batch.flush()
    batch._thread = threading.current_thread()
    yield
    batch._thread = None
    batch.flush()


def test_at_once_where_nobody_does_it_later() -> None:
    counter = Counter("batch_at_once", "", registry=None)
    batch.later(batch.add, counter, 3)
    assert counter._value.get() == 3


def test_later_and_in_order(held: None) -> None:
    done: list[int] = []
    for number in range(3):
        batch.later(done.append, number)
    assert done == []
    batch.flush()
    assert done == [0, 1, 2]


def test_one_that_fails_takes_none_with_it(held: None) -> None:
    counter = Counter("batch_failing", "", registry=None)
    batch.later(batch.add, counter)
    batch.later(batch.add, Counter("batch_falling", "", registry=None), -1)
    batch.later(lambda: 1 // 0)
    batch.later(batch.add, counter)
    batch.flush()
    assert counter._value.get() == 2


def test_memory_has_an_end(held: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST", 10)
    counter = Counter("batch_many", "", registry=None)
    for _ in range(25):
        batch.later(batch.add, counter)
    assert counter._value.get() == 22


def test_a_histogram_holds_what_it_would_have_observed(held: None) -> None:
    registry = CollectorRegistry()
    ours, theirs = (Histogram(name, "", registry=registry, buckets=BUCKETS) for name in ("ours", "theirs"))
    for value in (0, 0.1, 0.10001, 1, 5, 10, 11, 0.5):
        batch.later(batch.observe, ours, value)
        theirs.observe(value)
    batch.flush()
    for sample in ("bucket", "count", "sum"):
        for le in ("0.1", "1.0", "10.0", "+Inf") if sample == "bucket" else (None,):
            labels = {"le": le} if le else {}
            found = [registry.get_sample_value(f"{name}_{sample}", labels) for name in ("ours", "theirs")]
            assert found[0] == found[1] is not None


def test_a_thread_does_it_and_the_end_waits_for_it() -> None:
    counter, counted = Counter("batch_thread", "", registry=None), threading.Event()
    batch.start()
    try:
        batch.later(batch.add, counter)
        batch.later(counted.set)
        assert counted.wait(10)
        batch.later(batch.add, counter)
    finally:
        batch.finish()
    assert counter._value.get() == 2
    batch.later(batch.add, counter)
    assert counter._value.get() == 3


def test_a_forked_process_counts_nothing_of_its_parents(held: None) -> None:
    counter = Counter("batch_forked", "", registry=None)
    batch.later(batch.add, counter)
    with batch._working:
        child = os.fork()
        if child == 0:
            batch.flush()
            os._exit(int(counter._value.get()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    batch.flush()
    assert counter._value.get() == 1
