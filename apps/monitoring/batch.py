"""What requests leave to be counted and written: a web process does it for many at once, a tenth of a second later.

Counting touches much that has left the processor's caches while a request was answered, so it takes six times as long
between two requests as in a row; and what many requests add to one number is written once. Whoever has no thread for it
(workers, commands, tests) does it at once.
"""

import atexit
import logging
import os
import threading
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from prometheus_client import Counter, Histogram

EVERY = 0.1
MOST = 5_000
"""Waiting pieces, beyond which whoever brings one works them off: memory has an end where a log cannot be written."""

_held: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
_added: defaultdict[Counter, float] = defaultdict(float)
_observed: defaultdict[Histogram, list[float]] = defaultdict(list)
_working = threading.RLock()
_ended = threading.Event()
_thread: threading.Thread | None = None


def later(work: Callable[..., None], *given: Any) -> None:
    """Have `work(*given)` done, in the order in which it came. It counts by `add` and `observe`."""
    _held.append((work, given))
    if _thread is None or len(_held) > MOST:
        flush()


def add(counter: Counter, amount: float = 1) -> None:
    """Within work that is done."""
    _added[counter] += amount


def observe(histogram: Histogram, value: float) -> None:
    """Within work that is done."""
    _observed[histogram].append(value)


def flush() -> None:
    """Do all that waits; when this returns, it is done and can be read."""
    with _working:
        while _held:
            work, given = _held.popleft()
            _attempt(work, *given)
        while _added:
            counter, amount = _added.popitem()
            _attempt(counter.inc, amount)
        while _observed:
            _attempt(_write, *_observed.popitem())


def _attempt(work: Callable[..., None], *given: Any) -> None:
    """One that fails keeps none of the others from being counted, and no request from its answer."""
    try:
        work(*given)
    except Exception:
        logging.getLogger(__name__).exception("not_counted")


def _write(histogram: Histogram, values: list[float]) -> None:
    """As `histogram.observe` does with each, but each number is written once."""
    counts: defaultdict[int, int] = defaultdict(int)
    for value in values:
        counts[bisect_left(histogram._upper_bounds, value)] += 1
    histogram._sum.inc(sum(values))
    for bucket, count in counts.items():
        histogram._buckets[bucket].inc(count)


def start() -> None:
    """From now on do it in a thread. A process that is killed outright loses the last tenth of a second."""
    global _thread
    if _thread is None:
        _ended.clear()
        _thread = threading.Thread(target=_keep_flushing, name="batch", daemon=True)
        _thread.start()
        atexit.register(finish)


def finish() -> None:
    """Do what waits, and what comes from now on at once."""
    global _thread
    ending, _thread = _thread, None
    _ended.set()
    if ending is not None:
        ending.join()
    flush()


def _keep_flushing() -> None:
    while not _ended.wait(EVERY):
        flush()


def _forget() -> None:
    """What waits is the parent's to count, and so are its thread and its lock."""
    global _thread, _working
    _thread, _working = None, threading.RLock()
    for each in (_held, _added, _observed):
        each.clear()


os.register_at_fork(after_in_child=_forget)
