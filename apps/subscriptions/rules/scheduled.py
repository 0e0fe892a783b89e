"""What can be intended for a later date, and what comes of an intention."""

from enum import StrEnum


class ChangeKind(StrEnum):
    """What is to happen: an end, or other terms (plan, version, quantity). Where both are due, the end comes first."""

    CANCEL = "cancel"
    CHANGE = "change"


class Effective(StrEnum):
    """From when on a change counts: today's local day, or the first one that is not billed yet."""

    NOW = "now"
    PERIOD_END = "period_end"


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
