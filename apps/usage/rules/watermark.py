"""Which events somebody has seen: a snapshot of the database, kept so that the same can be listed again.

Ids and times are not in the order of commits, so "up to this id" may leave out an event that was on its way, or count
it twice. A snapshot names the transactions that were seen, whatever order they commit in.
"""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Watermark:
    """Seen are rows of transactions below `low`, and below `high` but for `open`, with ids below `before`.

    `before` lies well above all ids there were. It keeps the watermark true where a copy of the rows has come into
    another server, whose transactions are numbered anew.
    """

    low: int
    high: int
    open: frozenset[int]
    before: UUID

    def __str__(self) -> str:
        return f"{self.low}:{self.high}:{','.join(map(str, sorted(self.open)))}:{self.before}"

    @classmethod
    def read(cls, text: str) -> "Watermark":
        """The watermark that `str` wrote."""
        low, high, still_open, before = text.split(":")
        numbers = frozenset(int(each) for each in still_open.split(",") if each)
        return cls(int(low), int(high), numbers, UUID(before))

    @classmethod
    def of(cls, snapshot: str, before: UUID) -> "Watermark":
        """The watermark of a snapshot as PostgreSQL writes it: low:high:open,open."""
        return cls.read(f"{snapshot}:{before}")

    def holds(self, transaction: int, id: UUID) -> bool:
        """Whether a row that this transaction wrote under this id was seen."""
        seen = transaction < self.low or (transaction < self.high and transaction not in self.open)
        return seen and id < self.before
