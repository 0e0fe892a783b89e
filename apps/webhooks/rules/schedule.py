"""When a delivery that failed is tried again, when an endpoint is spared, and when it is given up."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from apps.webhooks.rules.states import Status

RETRIES = (5, 10, 30, 60, 120)
"""Minutes to wait after the first failure, the second, and so on; after one more the delivery is given up."""

SPREAD = 20
"""Percent of a wait by which it may be longer, so that not everything comes at once."""

TIMEOUT = 15
"""Seconds within which an endpoint has to answer, the connection included."""

LEASE = timedelta(seconds=180)
"""How long a worker may hold deliveries: as many turns at one endpoint as one claim may need, and to record them."""

TURNS = 10
"""Deliveries claimed for one endpoint at once, in multiples of what it takes side by side."""

THRESHOLD = 5
"""Failures in a row after which an endpoint is spared: one call at a time, and a pause after each that fails."""

PAUSES = (30, 60, 120, 300)
"""Seconds of these pauses; the last one repeats."""

LONGEST_WISH = timedelta(hours=24)
"""Retry-After is respected up to here."""

LONGEST_PAUSE = timedelta(hours=1)
"""So long at most an endpoint that says Retry-After is sent nothing at all."""


def after_failure(attempts: int, at: datetime, *, percent: int, wish: timedelta | None) -> tuple[Status, datetime]:
    """State and next try after the n-th attempt has failed. `percent` (0 to SPREAD) is drawn by the caller; `wish` is
    what the endpoint's Retry-After asked for."""
    if attempts > len(RETRIES):
        return Status.FAILED, at
    wait = timedelta(minutes=RETRIES[max(attempts, 1) - 1]) * (100 + percent) / 100
    return Status.PENDING, at + max(wait, min(wish or wait, LONGEST_WISH))


def pause(failures: int, wish: timedelta | None) -> timedelta | None:
    """How long an endpoint is sent nothing after so many failures in a row; None: go on."""
    asked = min(wish, LONGEST_PAUSE) if wish else None
    if failures < THRESHOLD:
        return asked
    own = timedelta(seconds=PAUSES[min(failures - THRESHOLD, len(PAUSES) - 1)])
    return max(own, asked or own)


def wish(retry_after: str, at: datetime) -> timedelta | None:
    """What a Retry-After header asks for, in seconds or as a date; None where it says nothing that can be read."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return timedelta(seconds=int(text))
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(until - at, timedelta()) if until - at < timedelta(days=3650) else None


def given_up(failing_since: datetime | None, failures: int, at: datetime, *, days: int) -> bool:
    """Whether an endpoint has failed for so long, without one success, that it is disabled."""
    return failing_since is not None and failures >= THRESHOLD and failing_since <= at - timedelta(days=days)
