"""What can be intended for a later date, and what comes of an intention."""

from enum import StrEnum


class ChangeKind(StrEnum):
    """What is to happen."""

    CANCEL = "cancel"


class Outcome(StrEnum):
    """WAITING until its date; then APPLIED, unless it was REMOVED before."""

    WAITING = "waiting"
    APPLIED = "applied"
    REMOVED = "removed"


TRANSITIONS: dict[Outcome, tuple[Outcome, ...]] = {
    Outcome.WAITING: (Outcome.APPLIED, Outcome.REMOVED),
    Outcome.APPLIED: (),
    Outcome.REMOVED: (),
}
