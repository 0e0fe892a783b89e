"""The test clock as the API answers with it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.clocks.models import TestClock
from apps.clocks.rules import Status
from apps.rest.objects import ApiObject


class TestClockProgress(ApiObject, kw_only=True, frozen=True):
    """How far the last move has come: instants it stopped at, pieces of work done, and what it waits for by kind."""

    __test__ = False  # its name makes pytest take it for a test class

    started_from: datetime | None
    steps: int
    pieces: int
    waiting_for: dict[str, int]


class TestClockObject(ApiObject, kw_only=True, frozen=True):
    """Time that stands still until it is moved. `target_time`: where it is on its way to, or stopped on the way to."""

    __test__ = False  # its name makes pytest take it for a test class

    id: UUID
    name: str
    frozen_time: datetime
    status: Status
    target_time: datetime | None
    progress: TestClockProgress
    error: str | None
    created_at: datetime
    updated_at: datetime
    url: str


def clock_objects(clocks: Sequence[TestClock]) -> list[TestClockObject]:
    """The objects of these clocks, in their order; no query."""
    return [
        TestClockObject(
            id=clock.pk,
            name=clock.name,
            frozen_time=clock.frozen_time,
            status=Status(clock.status),
            target_time=clock.target,
            progress=TestClockProgress(
                started_from=datetime.fromisoformat(clock.progress["from"]) if "from" in clock.progress else None,
                steps=clock.progress.get("steps", 0),
                pieces=clock.progress.get("pieces", 0),
                waiting_for=clock.progress.get("waiting_for", {}),
            ),
            error=clock.error or None,
            created_at=clock.created_at,
            updated_at=clock.updated_at,
            url=f"/v1/test-clocks/{clock.pk}",
        )
        for clock in clocks
    ]
