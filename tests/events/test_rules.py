"""Back-off and death of a delivery."""

from datetime import UTC, datetime

import pytest

from apps.events.rules import MAX_ATTEMPTS, Status, after_failure

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 30), (3, 120), (4, 600), (5, 3600), (6, 3600), (7, 3600)]
)
def test_waits_longer_after_each_failure(attempts: int, seconds: int) -> None:
    status, again = after_failure(attempts, NOON)
    assert status is Status.PENDING
    assert (again - NOON).total_seconds() == seconds


def test_the_eighth_failure_is_the_last() -> None:
    assert MAX_ATTEMPTS == 8
    assert after_failure(8, NOON) == (Status.DEAD, NOON)
