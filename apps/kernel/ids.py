"""UUIDv7 (RFC 9562): ids that sort by the time at which they were made, and rise within a process.

A clock that is set back by a little does not make them fall; one that had run far ahead and is put right does, for an
id tells the time at which it was made, and stands for it where rows are kept and found by months.
"""

import os
import threading
from uuid import UUID

from apps.kernel import clock

_lock = threading.Lock()
_last = 0
_pool, _drawn = b"", 0
_SET_BACK = 60_000
"""Milliseconds."""
_CLEARED = ~(0xF << 76 | 0x3 << 62)
_MARKS = 0x7 << 76 | 0x2 << 62


def uuid7() -> UUID:
    """A new id: 48 bits of Unix milliseconds, then 74 random bits; above all those given before in this process,
    unless its clock was set back by more than a minute.

    What one transaction writes stays in order, even within a millisecond or when the clock steps back.
    """
    return UUID(int=_values(1)[0])


def text7() -> str:
    """A new id as text, in half the time where no more is needed."""
    digits = f"{_values(1)[0]:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def uuid7s(count: int) -> list[UUID]:
    """So many new ids, in rising order, with one look at the clock: for bulk."""
    return [UUID(int=value) for value in _values(count)]


def _values(count: int) -> list[int]:
    global _last
    milliseconds = int(clock.wall().timestamp() * 1000)
    now = (milliseconds & ((1 << 48) - 1)) << 80
    values = []
    with _lock:
        if (_last >> 80) - milliseconds > _SET_BACK:
            _last = 0
        value = _marked(now | _random(10))
        for _ in range(count):
            if value <= _last:
                # A random step, not one: a forked process goes on from the same id.
                value = _marked(_last + 1 + _random(4))
            if value <= _last:
                # Its random part came to an end: the next millisecond is borrowed.
                value = _marked(((_last >> 80) + 1) << 80 | _random(10))
            _last = value
            values.append(value)
    return values


def _random(size: int) -> int:
    """A number of so many random bytes. They come from the system by the page: each time costs as much as an id."""
    global _pool, _drawn
    if len(_pool) < _drawn + size:
        _pool, _drawn = os.urandom(4096), 0
    _drawn += size
    return int.from_bytes(_pool[_drawn - size : _drawn])


def _forget() -> None:
    """A forked process draws bytes of its own, and does not wait for a thread that it does not have."""
    global _pool, _lock
    _pool, _lock = b"", threading.Lock()


os.register_at_fork(after_in_child=_forget)


def _marked(value: int) -> int:
    """`value` with version 7 and the variant of RFC 9562 in their bits."""
    return value & _CLEARED | _MARKS
