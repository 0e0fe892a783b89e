"""States of payments and payment methods, and how long to wait before asking the gateway again; no database."""

from datetime import timedelta
from enum import StrEnum


class Status(StrEnum):
    """Of a payment: under way, or how it ended."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    Status.PENDING: (Status.SUCCEEDED, Status.FAILED),
    Status.SUCCEEDED: (),
    Status.FAILED: (),
}


class MethodStatus(StrEnum):
    """Of a payment method: to be verified at the gateway, usable, refused, or taken off."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    REFUSED = "REFUSED"
    DETACHED = "DETACHED"


METHOD_TRANSITIONS: dict[MethodStatus, tuple[MethodStatus, ...]] = {
    MethodStatus.PENDING: (MethodStatus.ACTIVE, MethodStatus.REFUSED),
    MethodStatus.ACTIVE: (MethodStatus.DETACHED,),
    MethodStatus.REFUSED: (),
    MethodStatus.DETACHED: (),
}


class NoticeStatus(StrEnum):
    """Of what the gateway told us: to be looked into, or done."""

    PENDING = "PENDING"
    DONE = "DONE"


LEASE = timedelta(seconds=60)
"""How long one worker may take over one call; longer than every time-out of the call together."""

LOOK_UP_AFTER = timedelta(hours=12)
"""From this age on a charge of unknown outcome is looked up before it is asked for again: gateways forget keys after a day."""


def back_off(attempts: int) -> timedelta:
    """How long to wait after the n-th call without an answer: 2, 4, 8 ... seconds, at most five minutes."""
    return timedelta(seconds=min(2 ** max(attempts, 1), 300))
