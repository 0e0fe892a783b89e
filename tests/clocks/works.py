"""Due work of the tests' own: pieces at instants, written down when they are done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from uuid import UUID

from apps.kernel import schedule
from apps.kernel.schedule import DueWork, Scope

_numbers = count(1)


class Pieces:
    """Work that falls due at these instants on one clock; each is done once, at the clock's time."""

    def __init__(self, clock_id: UUID, *instants: datetime) -> None:
        self.clock_id, self.left = clock_id, sorted(instants)
        self.done: list[tuple[datetime, datetime]] = []
        self.waits: list[int] = []
        self.rung = 0
        self.before: Callable[[datetime], object] = lambda at: None
        self.asked: Callable[[], object] = lambda: None
        self.stuck: set[datetime] = set()

    def due(self, at: datetime, scope: Scope) -> datetime | None:
        return next((each for each in self.left if each <= at), None) if scope.clock_id == self.clock_id else None

    def following(self, after: datetime, until: datetime, scope: Scope) -> datetime | None:
        return next((each for each in self.left if after < each <= until), None)

    def run(self, at: datetime, scope: Scope) -> int:
        self.before(at)
        now = [each for each in self.left if each <= at and each not in self.stuck]
        self.done += [(each, at) for each in now]
        self.left = [each for each in self.left if each not in now]
        return len(now)

    def pending(self, scope: Scope) -> int:
        """What it was told to answer, one after another, then 0."""
        self.asked()
        return self.waits.pop(0) if self.waits and scope.clock_id == self.clock_id else 0

    def ring(self) -> None:
        self.rung += 1


@contextmanager
def registered(pieces: Pieces, *, follows: bool = True) -> Iterator[Pieces]:
    name = f"tests.pieces{next(_numbers)}"
    following = pieces.following if follows else None
    schedule.register(
        DueWork(name, due=pieces.due, run=pieces.run, pending=pieces.pending, ring=pieces.ring, following=following)
    )
    try:
        yield pieces
    finally:
        schedule.unregister(name)
