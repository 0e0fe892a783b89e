"""The only reader of the system clock.

`wall()` serves leases, retries, signatures, limits, created_at and audit. What a customer is billed by
is the account's time: `apps.clocks.queries.now_for(account)`.
"""

import time
from datetime import UTC, datetime


def wall() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never steps back, for measuring durations."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Sleep, for loops that wait on something outside."""
    time.sleep(seconds)
