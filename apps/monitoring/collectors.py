"""Numbers that are read, not counted: from tables and from the broker. Served by web alone, at most 15 s old.

A number that cannot be read is absent, so that no alert sleeps on an old one. Reading has a thread of its own and a
limit on every statement: /metrics waits for it a moment and then answers without.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.db import connection, connections, transaction
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from apps.kernel import clock

FRESH = float(os.environ.get("METRICS_MAX_AGE", "15"))
PATIENCE = 0.5
STATEMENT_MILLISECONDS = 2000

Family = GaugeMetricFamily | CounterMetricFamily
Samples = Iterable[tuple[Sequence[str], float]]

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reading:
    """One gauge, or a counter that others count: `load` gives (label values, value) pairs."""

    name: str
    help: str
    labels: tuple[str, ...]
    load: Callable[[], Samples]
    counter: bool = False


_registry: dict[str, Reading] = {}


def register(
    name: str, help: str, labels: Sequence[str], load: Callable[[], Samples], *, counter: bool = False
) -> None:
    """Add a gauge (or a counter), once, under its name."""
    if name in _registry:
        raise ValueError(f"{name} is registered already")
    _registry[name] = Reading(name, help, tuple(labels), load, counter)


def registered() -> list[Reading]:
    return list(_registry.values())


class _Snapshot(Collector):
    def __init__(self, families: Sequence[Family]) -> None:
        self.families = families

    def collect(self) -> Iterator[Family]:
        yield from self.families


class Cache:
    """The last reading of all gauges, as text."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="collectors")
        self._running: Future[None] | None = None
        self._text = b""
        self._read_at = -FRESH

    def text(self) -> bytes:
        """What was read in the last 15 s; nothing when it cannot be had within half a second."""
        with self._lock:
            fresh = clock.monotonic() - self._read_at < FRESH
            if not fresh and (self._running is None or self._running.done()):
                self._running = self._thread.submit(self._read)
            running = self._running
        if not fresh and running is not None:
            try:
                running.result(PATIENCE)
            except Exception:  # noqa: BLE001 - late or broken: absent
                return b""
        return self._text

    def _read(self) -> None:
        families = []
        for reading in registered():
            try:
                families.append(_family(reading))
            except Exception as error:  # noqa: BLE001 - one that fails is absent, the others are served
                logger.warning("collector_failed", metric=reading.name, reason=f"{type(error).__name__}: {error}")
        connections.close_all()
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Snapshot(families))
        self._text, self._read_at = generate_latest(registry), clock.monotonic()


def _family(reading: Reading) -> Family:
    kind = CounterMetricFamily if reading.counter else GaugeMetricFamily
    family = kind(reading.name, reading.help, labels=reading.labels)
    for labels, value in reading.load():
        family.add_metric([str(label) for label in labels], float(value))
    return family


@contextmanager
def bounded() -> Iterator[None]:
    """A transaction whose statements are given two seconds each."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(STATEMENT_MILLISECONDS)])
        yield
