"""Ids of events: UUIDv7 that only rise within a process, so that what one transaction tells stays in order."""

import os
import threading
from uuid import UUID

from apps.kernel.ids import uuid7

_lock = threading.Lock()
_last = UUID(int=0)


def rising(count: int) -> list[UUID]:
    """`count` new ids, each above all those given before in this process, even within one millisecond."""
    global _last
    made: list[UUID] = []
    with _lock:
        for _ in range(count):
            fresh = uuid7()
            if fresh <= _last:
                # A random step, not one: a forked process goes on from the same id.
                fresh = UUID(int=_last.int + 1 + int.from_bytes(os.urandom(4)))
            _last = fresh
            made.append(fresh)
    return made
