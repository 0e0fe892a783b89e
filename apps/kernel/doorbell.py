"""Doorbells: tell a worker that there is work, and never mind if nobody hears. The work is a row; a sweep finds it.

A dead Redis costs a request at most one time-out and never an error: after a failure nothing is rung for a while.
"""

import os
import threading
from contextvars import Context, copy_context
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

PACE = 0.2
"""Seconds in which one bell is rung once, in a process that has a thread for it: who hears it does all that waits."""

_lock = threading.Lock()
_ringer: "_Ringer | None" = None
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
        _rung(self)

    def now(self) -> None:
        """Ring it."""
        ring(self.task_name, self.queue, **dict(self.kwargs))


class _Ringer:
    """Rings in a thread, each bell at once and again at most every `PACE` seconds, however often it is asked for."""

    def __init__(self) -> None:
        self.waiting: dict[_Bell, Context] = {}
        self.asked = threading.Event()
        self.ended = False
        self.thread = threading.Thread(target=self._keep_ringing, name="ringer", daemon=True)
        self.thread.start()

    def ask(self, bell: _Bell) -> None:
        """In the context of whoever asks first, so that the task is of its trace."""
        self.waiting.setdefault(bell, copy_context())
        self.asked.set()

    def finish(self) -> None:
        """Ring what waits, and end."""
        self.ended = True
        self.asked.set()
        self.thread.join()

    def _keep_ringing(self) -> None:
        while not (self.ended and not self.waiting):
            self.asked.wait()
            self.asked.clear()
            while self.waiting:
                bell = next(iter(self.waiting))
                self.waiting.pop(bell).run(bell.now)
            if not self.ended:
                clock.pause(PACE)


def _rung(bell: _Bell) -> None:
    """By the thread, where there is one."""
    ringer = _ringer
    if ringer is None or ringer.ended:
        bell.now()
    else:
        ringer.ask(bell)


def start() -> None:
    """From now on ring in a thread of this process, and not once for each request."""
    global _ringer
    if _ringer is None:
        _ringer = _Ringer()


def finish() -> None:
    """Ring what waits, and from now on at once."""
    global _ringer
    ending, _ringer = _ringer, None
    if ending is not None:
        ending.finish()


def _forget() -> None:
    """A thread is its process's own."""
    global _ringer
    _ringer = None


os.register_at_fork(after_in_child=_forget)


def ring_after_commit(task_name: str, queue: str, **kwargs: Any) -> None:
    """Ring once this transaction is committed, once however often it is asked for. Forgotten with a rollback."""
    bell = _Bell(task_name, queue, tuple(sorted(kwargs.items())))
    # Whatever waits here survives exactly as long as the savepoint it was asked for in: no memory of our own is needed.
    if not any(callback == bell for _, callback, *_ in connection.run_on_commit):
        transaction.on_commit(bell, robust=True)
