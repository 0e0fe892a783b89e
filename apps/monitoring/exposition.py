"""The numbers of all processes of a role, in Prometheus's text format."""

import os
import re
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_LIVE = re.compile(r"gauge_live\w*_(\d+)\.db")


def folder() -> Path | None:
    """Where the processes of this role keep their numbers; None: this process is alone."""
    given = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(given) if given else None


def registry() -> CollectorRegistry:
    """What this role has counted: all its processes, or this one when it is alone."""
    if folder() is None:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)
    return shared


def forget_dead() -> None:
    """Drop the live gauges of processes that are gone, whichever server started them."""
    path = folder()
    if path is None:
        return
    for file in path.glob("gauge_live*.db"):
        found = _LIVE.fullmatch(file.name)
        if found and not Path(f"/proc/{found[1]}").exists():
            mark_process_dead(int(found[1]), str(path))


def counted() -> bytes:
    """What was counted, as text."""
    forget_dead()
    return generate_latest(registry())
