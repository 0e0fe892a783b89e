"""What time it is for somebody."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from apps.clocks import queries
from apps.clocks.actions import create
from apps.kernel import clock
from apps.kernel.actors import system

FROZEN = datetime(2031, 2, 28, 23, 30, tzinfo=UTC)
ACTOR = system("tests")


@dataclass
class Owner:
    test_clock_id: UUID | None


@pytest.mark.django_db
def test_an_owner_on_a_clock_lives_at_its_time() -> None:
    frozen = create(name="later", frozen_time=FROZEN, actor=ACTOR)
    assert queries.now_for(Owner(frozen.pk)) == FROZEN


def test_an_owner_without_a_clock_lives_now_and_asks_no_database() -> None:
    assert abs(queries.now_for(Owner(None)) - clock.wall()) < timedelta(seconds=5)


@pytest.mark.django_db
def test_many_clocks_are_read_at_once(django_assert_num_queries: object) -> None:
    clocks = [create(name=f"{n}", frozen_time=FROZEN + timedelta(days=n), actor=ACTOR) for n in range(5)]
    with django_assert_num_queries(1):
        times = queries.now_by_clock([None, *(frozen.pk for frozen in clocks), None])
    assert len(times) == 6
    assert times[clocks[3].pk] == FROZEN + timedelta(days=3)
