"""Lanes, states of a delivery, and when a failed one is tried again. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

BACK_OFF_SECONDS = (5, 30, 120, 600, 3600)
"""Wait after the first failure, the second and so on; the last one repeats."""

MAX_ATTEMPTS = 8
"""Failures after which a delivery is dead: it stays, is counted, and a person may retry it."""

BATCH = 500
"""Deliveries of one subscriber in one transaction of the relay."""


class Lane(StrEnum):
    """Where an event was born: what a caller waits for must not queue behind a nightly run."""

    API = "api"
    RUN = "run"


class Status(StrEnum):
    """State of a delivery."""

    PENDING = "PENDING"
    DONE = "DONE"
    DEAD = "DEAD"


TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    Status.PENDING: (Status.DONE, Status.DEAD),
    Status.DONE: (),
    Status.DEAD: (Status.PENDING,),
}


def after_failure(attempts: int, at: datetime) -> tuple[Status, datetime]:
    """State and time of the next try, once `attempts` tries have failed."""
    if attempts >= MAX_ATTEMPTS:
        return Status.DEAD, at
    return Status.PENDING, at + timedelta(seconds=BACK_OFF_SECONDS[min(attempts, len(BACK_OFF_SECONDS)) - 1])
