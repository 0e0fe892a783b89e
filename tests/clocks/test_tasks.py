"""The worker's doors: each rings again only while there is something to do."""

from datetime import timedelta
from typing import Any

import pytest

from apps.clocks import tasks
from apps.clocks.models import TestClock
from apps.kernel import clock as kernel_clock
from tests.clocks.lives import START, new_clock, send, stands
from tests.clocks.works import Pieces, registered

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have gone to the broker."""
    sent: list[Any] = []
    monkeypatch.setattr(tasks, "ring", lambda name, queue, **kwargs: sent.append((name, queue, kwargs)))
    return sent


def test_a_turn_rings_for_the_next_one_while_it_waits(rung: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "SECONDS", 0.02)
    clock = new_clock()
    send(clock, START + DAY)
    with registered(Pieces(clock.pk)) as work:
        work.waits = [1] * 1000
        tasks.advance(clock_id=str(clock.pk), added_later="is borne")
        assert rung == [("clocks.advance", "billing", {"clock_id": str(clock.pk)})]
        work.waits = []
        monkeypatch.setattr(tasks, "SECONDS", 60)
        tasks.advance(clock_id=str(clock.pk))
        tasks.advance(clock_id=str(clock.pk))
    assert len(rung) == 1
    assert stands(clock).status == "READY"


def test_the_sweep_rings_for_those_that_nobody_moves(rung: list[Any]) -> None:
    lost, held, _at_rest = new_clock(), new_clock(), new_clock()
    send(lost, START + DAY)
    send(held, START + DAY)
    TestClock.objects.filter(pk=held.pk).update(lease_until=kernel_clock.wall() + DAY)
    tasks.sweep(added_later="is borne")
    assert [kwargs["clock_id"] for _, _, kwargs in rung] == [str(lost.pk)]
