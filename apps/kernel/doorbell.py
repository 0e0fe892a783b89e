"""Doorbells: tell a worker that there is work, and never mind if nobody hears. The work is a row; a sweep finds it.

A dead Redis costs a request at most one time-out and never an error: after a failure nothing is rung for a while.
"""

import threading
from dataclasses import dataclass
from typing import Any

import structlog
from celery import current_app
from django.db import connection, transaction
from prometheus_client import Counter

from apps.kernel import clock

QUIET_SECONDS = 5.0
"""How long nothing is rung after a failure; as long as the sweep's period."""

doorbell_failures = Counter("doorbell_failures", "Doorbells that nobody heard, because Redis was away")

_lock = threading.Lock()
_quiet_until = 0.0


def ring(task_name: str, queue: str, **kwargs: Any) -> bool:
    """Send a task by name, without retry and without a result. False, counted, when it could not be sent."""
    global _quiet_until
    if clock.monotonic() < _quiet_until:
        doorbell_failures.inc()
        return False
    try:
        current_app.send_task(task_name, kwargs=kwargs, queue=queue, ignore_result=True, retry=False)
    except Exception as error:  # noqa: BLE001 - what is committed stays committed, whatever the broker says
        with _lock:
            _quiet_until = clock.monotonic() + QUIET_SECONDS
        doorbell_failures.inc()
        structlog.get_logger(__name__).warning("doorbell_failed", task=task_name, error=repr(error))
        return False
    return True


def reset() -> None:
    """Close the circuit: ring again at once."""
    global _quiet_until
    _quiet_until = 0.0


@dataclass(frozen=True)
class _Bell:
    """A ring to be made at commit, comparable, so that one transaction makes it once."""

    task_name: str
    queue: str
    kwargs: tuple[tuple[str, Any], ...]

    def __call__(self) -> None:
        ring(self.task_name, self.queue, **dict(self.kwargs))


def ring_after_commit(task_name: str, queue: str, **kwargs: Any) -> None:
    """Ring once this transaction is committed, once however often it is asked for. Forgotten with a rollback."""
    bell = _Bell(task_name, queue, tuple(sorted(kwargs.items())))
    # Whatever waits here survives exactly as long as the savepoint it was asked for in: no memory of our own is needed.
    if not any(callback == bell for _, callback, *_ in connection.run_on_commit):
        transaction.on_commit(bell, robust=True)
