"""States of a message, its kinds, and how long to wait before trying again; no database."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum


class Status(StrEnum):
    """Of a message: to be sent, taken by the mail server, or given up."""

    PENDING = "PENDING"
    SENT = "SENT"
    FAILED = "FAILED"


TRANSITIONS: Mapping[Status, tuple[Status, ...]] = {
    Status.PENDING: (Status.SENT, Status.FAILED),
    Status.SENT: (),
    Status.FAILED: (),
}


class Kind(StrEnum):
    """What a message is about."""

    INVOICE_CREATED = "invoice_created"
    INVOICE_COPY = "invoice_copy"


LEASE = timedelta(seconds=180)
"""How long one worker may hold one message; longer than a whole talk with the mail server."""

TALK = 12
"""Replies of the mail server that one message waits for at most, each up to the time-out."""

GIVE_UP_AFTER = 8
"""Calls without success, over about a day and a half; then the message is FAILED for staff to see."""


def back_off(calls: int) -> timedelta:
    """How long to wait after the n-th call: half a minute, then four times longer each, at most twelve hours."""
    return min(timedelta(seconds=30 * 4 ** (max(calls, 1) - 1)), timedelta(hours=12))
