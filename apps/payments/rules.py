"""States of payments and payment methods, and how long to wait before asking the gateway again; no database."""

import re
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


LEASE = timedelta(seconds=150)
"""How long one worker may hold one row; longer than all calls of its turn, each at its time-out (see checks)."""

CALLS_PER_TURN = 4
"""At most: three pages of a look-up and the charge."""

CLOCKS_DIFFER = timedelta(hours=1)
"""How far back of our own time a look-up begins, for the gateway's clock is not ours."""

TOKEN = re.compile(r"[a-z]{2,8}_[A-Za-z0-9_]{1,240}")
"""The look of a gateway's token; a card number has none of it."""


def back_off(attempts: int) -> timedelta:
    """How long to wait after the n-th call without an answer: 2, 4, 8 ... seconds, at most five minutes."""
    return timedelta(seconds=min(2 ** max(attempts, 1), 300))
