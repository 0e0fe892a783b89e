"""The states of a test clock."""

from enum import StrEnum


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
