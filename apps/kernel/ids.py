"""UUIDv7 (RFC 9562): ids that sort by the time at which they were made, and only rise within a process."""

import os
import threading
from uuid import UUID

from apps.kernel import clock

_lock = threading.Lock()
_last = 0
_CLEARED = ~(0xF << 76 | 0x3 << 62)
_MARKS = 0x7 << 76 | 0x2 << 62


def uuid7() -> UUID:
    """A new id: 48 bits of Unix milliseconds, then 74 random bits; above all those given before in this process.

    What one transaction writes stays in order, even within a millisecond or when the clock steps back.
    """
    global _last
    milliseconds = int(clock.wall().timestamp() * 1000)
    value = (milliseconds & ((1 << 48) - 1)) << 80 | int.from_bytes(os.urandom(10))
    value = _marked(value)
    with _lock:
        if value <= _last:
            # A random step, not one: a forked process goes on from the same id.
            value = _marked(_last + 1 + int.from_bytes(os.urandom(4)))
        _last = value
    return UUID(int=value)


def _marked(value: int) -> int:
    """`value` with version 7 and the variant of RFC 9562 in their bits."""
    return value & _CLEARED | _MARKS
