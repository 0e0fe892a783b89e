"""UUIDv7: version, variant, order by time."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from apps.kernel import clock, ids


def test_ids_are_version_7_and_differ() -> None:
    made = [ids.uuid7() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {(each.version, each.variant) for each in made} == {(7, UUID(int=0, version=4).variant)}


def test_ids_sort_by_the_millisecond_they_were_made_in(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for second in range(5):
        monkeypatch.setattr(clock, "wall", lambda second=second: datetime(2026, 1, 1, 0, 0, second, 7000, tzinfo=UTC))
        made.append(ids.uuid7())
    assert made == sorted(made)
    assert made[2].int >> 80 == int(datetime(2026, 1, 1, 0, 0, 2, tzinfo=UTC).timestamp()) * 1000 + 7
