"""The states of a subscription, the only steps between them, and which verb is open to which state.

PostgreSQL keeps TRANSITIONS by a trigger.
"""

from datetime import timedelta
from enum import StrEnum

from apps.kernel.errors import Conflict


class Status(StrEnum):
    """Where a subscription is in its life."""

    TRIAL = "TRIAL"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    Status.TRIAL: (Status.ACTIVE, Status.CANCELLED, Status.EXPIRED),
    Status.ACTIVE: (Status.PAUSED, Status.CANCELLED, Status.EXPIRED),
    Status.PAUSED: (Status.ACTIVE, Status.CANCELLED, Status.EXPIRED),
    Status.CANCELLED: (),
    Status.EXPIRED: (),
}

NOTICE = timedelta(days=3)
"""How long before it the next invoice is announced, or the end of a trial."""

LIVE = (Status.TRIAL, Status.ACTIVE, Status.PAUSED)
"""Of these an account has at most one per plan."""

BILLING = (Status.TRIAL, Status.ACTIVE)
"""Of these a next billing date is kept."""


class Verb(StrEnum):
    """What a caller may ask for."""

    CHANGE = "change"
    CANCEL = "cancel"
    UNCANCEL = "uncancel"
    PAUSE = "pause"
    RESUME = "resume"


OPEN_TO: dict[Verb, tuple[Status, ...]] = {
    Verb.CHANGE: LIVE,
    Verb.CANCEL: LIVE,
    Verb.UNCANCEL: LIVE,
    Verb.PAUSE: (Status.ACTIVE,),
    Verb.RESUME: (Status.PAUSED,),
}


def verbs_of(status: str) -> list[Verb]:
    """What can be asked of a subscription in this state."""
    return [verb for verb, states in OPEN_TO.items() if status in states]


def demand(verb: Verb, status: str) -> None:
    """Refuse (409) what this state does not allow, and name what it does."""
    if status in OPEN_TO[verb]:
        return
    if status == Status.CANCELLED:
        raise Conflict("already_cancelled", "The subscription was cancelled.", hint=_OVER)
    if status == Status.EXPIRED:
        raise Conflict("subscription_expired", "The subscription has expired.", hint=_OVER)
    legal = ", ".join(verbs_of(status))
    states = " or ".join(OPEN_TO[verb])
    raise Conflict(
        "transition_illegal",
        f"The subscription is {status}; only {states} allows {verb}.",
        hint=f"Open to it now: {legal}.",
    )


_OVER = "Nothing can be done to it any more; subscribe the account anew with POST /v1/subscriptions."
