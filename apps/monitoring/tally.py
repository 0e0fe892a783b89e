"""What this web process has counted for the service levels since it last wrote it down: memory, a row every so often.

What cannot be written, because the database is away, is kept for the next time: an outage counts once it is over.
"""

import asyncio
import threading
from collections import defaultdict
from datetime import datetime

import structlog
from django.db import connection

from apps.monitoring.actions import levels
from apps.monitoring.rules.levels import P95, P99, REQUESTS, SLOW_MILLISECONDS, Counted, window_of

EVERY = 10.0

_lock = threading.Lock()
_held: dict[datetime, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
"""Window -> requests, of these 5xx, above the edge of p95, above that of p99."""

logger = structlog.get_logger(__name__)


def note(at: datetime, *, failed: bool, seconds: float) -> None:
    """One request."""
    milliseconds = seconds * 1000
    window = window_of(at)
    with _lock:
        held = _held[window]
        held[0] += 1
        held[1] += failed
        held[2] += milliseconds > SLOW_MILLISECONDS[P95]
        held[3] += milliseconds > SLOW_MILLISECONDS[P99]


def flush() -> None:
    """Write down what is held; what fails to be written is held again."""
    with _lock:
        taken = dict(_held)
        _held.clear()
    if not taken:
        return
    try:
        levels.add(
            {
                (slo, window): Counted(held[0] - held[place], held[0])
                for window, held in taken.items()
                for place, slo in ((1, REQUESTS), (2, P95), (3, P99))
            }
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing is lost by waiting
        logger.warning("levels_not_written", reason=f"{type(error).__name__}: {error}")
        with _lock:
            for window, held in taken.items():
                _held[window] = [mine + theirs for mine, theirs in zip(_held[window], held, strict=True)]
    finally:
        connection.close()


async def keep_writing() -> None:
    """For the server's whole life; what is left at its end is written once the last request is answered."""
    while True:
        await asyncio.sleep(EVERY)
        await asyncio.to_thread(flush)
