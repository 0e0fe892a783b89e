"""Wake whoever sends: one ring however much there is to send, and none while a sender is awake anyway."""

from apps.kernel import hints
from apps.kernel.doorbell import ring
from apps.kernel.transactions import after_commit

AWAKE = "webhooks:awake"
AWAKE_MILLISECONDS = 1500
"""A sender that is at work says so more often than this; a ring that nobody answers is repeated after it."""


def wake() -> None:
    """Ring, unless somebody was rung for and has not gone to sleep since."""
    if hints.first(AWAKE, AWAKE_MILLISECONDS):
        ring("webhooks.sweep", "webhooks")


def wake_after_commit() -> None:
    """The same, once this transaction is committed."""
    after_commit(wake, name="webhooks.sweep")
