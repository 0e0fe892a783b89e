"""The states of a subscription and the only steps between them; PostgreSQL keeps the same table by trigger."""

from enum import StrEnum


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

LIVE = (Status.TRIAL, Status.ACTIVE, Status.PAUSED)
"""Of these an account has at most one per plan."""

BILLING = (Status.TRIAL, Status.ACTIVE)
"""Of these a next billing date is kept."""
