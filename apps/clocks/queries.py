"""What time it is for somebody: the clock they live on, or the wall's."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from apps.clocks.models import TestClock
from apps.kernel import clock


class LivesOnClock(Protocol):
    """An account, or whatever else has a clock."""

    @property
    def test_clock_id(self) -> UUID | None: ...


def now_for(owner: LivesOnClock) -> datetime:
    """The time that `owner` is billed by."""
    return now_by_clock([owner.test_clock_id])[owner.test_clock_id]


def now_by_clock(ids: Iterable[UUID | None]) -> dict[UUID | None, datetime]:
    """The time on each of these clocks, None being the wall's: at most one query however many there are."""
    wanted = set(ids)
    times: dict[UUID | None, datetime] = {}
    if None in wanted:
        times[None] = clock.wall()
    clocks = [identifier for identifier in wanted if identifier is not None]
    if clocks:
        times.update(TestClock.objects.filter(pk__in=clocks).values_list("pk", "frozen_time"))
    return times
