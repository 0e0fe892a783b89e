"""The states of a test clock, how far it may be moved, and how its worker holds it. Pure."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""A test clock stands between these."""

LONGEST_ADVANCE = timedelta(days=3653)
"""Ten years: the most that one call may move a clock."""

LEASE = timedelta(seconds=20)
"""How long a worker holds a clock without a sign of life; renewed at every step."""

FORGOTTEN = timedelta(seconds=3)
"""Let go so long ago and nobody has come: the doorbell was lost, the sweep rings again."""

STRIDE = timedelta(hours=1)
"""How a clock goes on past work that stays due and cannot say what follows it."""


class Status(StrEnum):
    """READY stands still, ADVANCING is running what falls due, FAILED stopped on the way."""

    READY = "READY"
    ADVANCING = "ADVANCING"
    FAILED = "FAILED"


TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    Status.READY: (Status.ADVANCING,),
    Status.ADVANCING: (Status.READY, Status.FAILED),
    Status.FAILED: (Status.ADVANCING,),
}
