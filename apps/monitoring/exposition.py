"""The numbers of all processes of a role, in Prometheus's text format; of all roles, where one machine runs them all.

Whoever scrapes every role must not meet a number twice, so roles are added up only where METRICS_ROLES_DIR says so.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from apps.monitoring import batch

DJANGO_QUERIES, QUERIES = "django_db_query_duration_seconds", "db_query_duration_seconds"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_LIVE = re.compile(r"gauge_live\w*_(\d+)\.db")


def folder() -> Path | None:
    """Where the processes of this role keep their numbers; None: this process is alone."""
    given = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(given) if given else None


def folders() -> list[Path]:
    """The folders whose numbers this process serves: those of all roles below METRICS_ROLES_DIR, or its own role's."""
    roles = os.environ.get("METRICS_ROLES_DIR")
    if roles:
        return sorted(path for path in Path(roles).iterdir() if path.is_dir())
    own = folder()
    return [] if own is None else [own]


class _Folders(Collector):
    """What the processes of all these folders counted, added up."""

    def collect(self) -> Iterable[Metric]:
        files = [str(file) for path in folders() for file in path.glob("*.db")]
        merged: Iterable[Metric] = MultiProcessCollector.merge(files)
        return _named(merged)


class _Own(Collector):
    """What this process counted."""

    def collect(self) -> Iterable[Metric]:
        return _named(REGISTRY.collect())


def _named(metrics: Iterable[Metric]) -> Iterator[Metric]:
    """Queries are timed once, by django-prometheus, and served under our name for them, too."""
    for metric in metrics:
        yield metric
        if metric.name == DJANGO_QUERIES:
            ours = Metric(QUERIES, metric.documentation, metric.type)
            ours.samples = [
                each._replace(name=each.name.replace(DJANGO_QUERIES, QUERIES, 1)) for each in metric.samples
            ]
            yield ours


def registry() -> CollectorRegistry:
    """What this role, or every role, has counted: all processes, or this one when it is alone."""
    shared = CollectorRegistry()
    shared.register(_Folders() if folders() else _Own())
    return shared


def forget_dead() -> None:
    """Drop the live gauges of processes that are gone, whichever server started them."""
    for path in folders():
        for file in path.glob("gauge_live*.db"):
            found = _LIVE.fullmatch(file.name)
            if found and not Path(f"/proc/{found[1]}").exists():
                mark_process_dead(int(found[1]), str(path))


def counted() -> bytes:
    """What was counted, as text. Other processes of the web may hold a tenth of a second more (`batch`)."""
    batch.flush()
    forget_dead()
    return generate_latest(registry())
