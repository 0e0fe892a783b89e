"""Prefer: wait: hold an answer until what this request announced has been told.

Events published under the same correlation id (one request) are remembered in this context; other apps add, by
`register`, what else the request set in motion (payments: its pending charges).
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from uuid import UUID

from apps.events.models import Delivery
from apps.events.rules import Status
from apps.kernel import clock
from apps.kernel.transactions import correlation

REMEMBERED = 1000
"""The newest events of one request that are waited for."""

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.2

Settled = Callable[[Sequence[UUID]], bool]

_published: ContextVar[tuple[str, deque[UUID]] | None] = ContextVar("published", default=None)
_checks: list[Settled] = []


def register(check: Settled) -> Settled:
    """Add a question: is all that these events set in motion settled?"""
    if check not in _checks:
        _checks.append(check)
    return check


def unregister(check: Settled) -> None:
    """Take a question back."""
    _checks.remove(check)


def note(event_ids: Sequence[UUID]) -> None:
    """Remember events of this request. Outside a request (no correlation id) nobody waits."""
    request = correlation.get()
    if not request:
        return
    known = _published.get()
    if known is None or known[0] != request:
        known = (request, deque(maxlen=REMEMBERED))
        _published.set(known)
    known[1].extend(event_ids)


def collect() -> list[UUID]:
    """The ids of the events published so far by this request."""
    known = _published.get()
    return list(known[1]) if known is not None and known[0] == correlation.get() else []


def settled(event_ids: Sequence[UUID]) -> bool:
    """Whether all their deliveries are done (or dead), and whatever other apps watch is settled too."""
    if Delivery.objects.filter(event_id__in=event_ids, status=Status.PENDING.value).exists():
        return False
    return all(check(event_ids) for check in _checks)


def wait(seconds: float) -> None:
    """Return once what this request announced is settled, or after `seconds`. Call it after the commit."""
    event_ids = collect()
    if not event_ids:
        return
    deadline, nap = clock.monotonic() + seconds, FIRST_PAUSE
    while not settled(event_ids):
        left = deadline - clock.monotonic()
        if left <= 0:
            return
        clock.pause(min(nap, left))
        nap = min(nap * 2, LONGEST_PAUSE)
