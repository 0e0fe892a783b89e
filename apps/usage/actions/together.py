"""Single events that arrive at once are written at once: one commit for those that wait, where each cost one.

Whoever comes first writes; those who come meanwhile wait, and the first of them writes for all of them. An event waits
for one commit at most before its own, and alone it waits for nothing. Each is answered as if it had come alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock

from django.db import OperationalError, connection

from apps.kernel.errors import Unavailable
from apps.usage.actions.record import Receipt, record
from apps.usage.actions.storing import FEW
from apps.usage.rules.reading import Read

PATIENCE = 15.0
"""Seconds that an event waits for its turn, and once more while it is written. Whoever is told that it was not in time
sends it again with the same key: had it been written after all, that changes nothing."""


@dataclass(slots=True, eq=False)
class _Place:
    """An event in the queue of this process. Woken with neither receipt nor error, it is to write."""

    event: Read
    at: datetime
    plain: bool
    woken: Event = field(default_factory=Event)
    receipt: Receipt | None = None
    error: Exception | None = None

    def end(self) -> None:
        """It has its outcome, or its writer has died over it."""
        if self.receipt is None and self.error is None:
            self.error = _not_written()
        self.woken.set()

    def outcome(self) -> Receipt:
        if self.receipt is None:
            raise self.error or _not_written()
        return self.receipt


def _not_written() -> Unavailable:
    return Unavailable(
        "usage_not_written", "The event was not written in time.", hint="Send it again with the same key."
    )


class _Queue:
    """Events that wait to be written, and whether somebody writes."""

    def __init__(self) -> None:
        self._lock, self._waiting, self._busy = Lock(), list[_Place](), False

    def enter(self, place: _Place) -> bool:
        """Whether this one is to write now."""
        with self._lock:
            self._waiting.append(place)
            first, self._busy = not self._busy, True
            return first

    def take(self) -> list[_Place]:
        with self._lock:
            taken, self._waiting = self._waiting[:FEW], self._waiting[FEW:]
            return taken

    def leave(self) -> None:
        """Let the next one write, if one waits."""
        with self._lock:
            self._busy = bool(self._waiting)
            if self._waiting:
                self._waiting[0].woken.set()

    def give_up(self, place: _Place) -> bool:
        """Whether it waits no longer; not once it is being written, or is to write."""
        with self._lock:
            if waits := place in self._waiting and not place.woken.is_set():
                self._waiting.remove(place)
            return waits


_QUEUE = _Queue()


def record_together(event: Read, *, at: datetime, plain: bool = False) -> Receipt:
    """Record one event, as `record` of it alone would. Inside a transaction it is written by itself: it may be undone.

    Errors: usage_not_written (503), and what the database raises.
    """
    if connection.in_atomic_block:
        return record([event], at=at, plain=plain)
    place = _Place(event, at, plain)
    if not _QUEUE.enter(place):
        if not place.woken.wait(PATIENCE) and (_QUEUE.give_up(place) or not place.woken.wait(PATIENCE)):
            return place.outcome()
        if place.receipt is not None or place.error is not None:
            return place.outcome()
    taken = _QUEUE.take()
    try:
        _write(taken)
    finally:
        _QUEUE.leave()
        for each in taken:
            each.end()
    return place.outcome()


def _write(places: Sequence[_Place]) -> None:
    """What is wrong with one of them is its own; a database that is away is everybody's."""
    at, plain = max(each.at for each in places), all(each.plain for each in places)
    try:
        whole = record([each.event for each in places], at=at, plain=plain)
    except Exception as error:  # noqa: BLE001 - raised to whoever sent the event
        if len(places) > 1 and not isinstance(error, OperationalError):
            for each in places:
                _write([each])
            return
        for each in places:
            each.error = error
        return
    for index, each in enumerate(places):
        each.receipt = whole.of(index)
