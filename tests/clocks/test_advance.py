"""Sending a clock on its way."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from apps.clocks.actions import delete
from apps.clocks.actions.advance import advance, go_on
from apps.clocks.models import TestClock
from apps.clocks.rules import LONGEST_ADVANCE, Status
from apps.kernel import clock as wall
from apps.kernel.errors import DomainError
from tests.clocks.lives import ACTOR, START, move, new_clock, send, stands, turn
from tests.factories.accounts import make_account

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def refusal(clock: TestClock, **changed: object) -> tuple[int, str]:
    with pytest.raises(DomainError) as refused:
        advance(**{"clock_id": clock.pk, "to": START + DAY, "actor": ACTOR, **changed})  # type: ignore[arg-type]
    assert refused.value.hint
    return refused.value.status, refused.value.code


def test_it_is_on_its_way_with_its_target_and_a_new_version() -> None:
    clock = new_clock()
    sent = send(clock, START + DAY)
    assert (sent.status, sent.target, sent.frozen_time) == (Status.ADVANCING, START + DAY, START)
    assert sent.version == clock.version + 1


def test_what_is_refused() -> None:
    clock = new_clock()
    assert refusal(clock, clock_id=uuid4()) == (404, "test_clock_not_found")
    assert refusal(clock, to=START - timedelta(seconds=1)) == (422, "test_clock_back")
    assert refusal(clock, to=START + LONGEST_ADVANCE + DAY) == (422, "advance_too_far")
    assert refusal(clock, to=START.replace(tzinfo=None)) == (422, "time_without_zone")
    assert refusal(clock, to=START.replace(year=2201)) == (422, "frozen_time_out_of_range")
    assert stands(clock).status == Status.READY
    send(clock, START + LONGEST_ADVANCE)
    assert refusal(clock) == (409, "test_clock_advancing")


def test_to_where_it_stands_is_no_step_back() -> None:
    clock = new_clock()
    assert move(clock, START).frozen_time == START


def test_nothing_where_they_are_off(settings: object) -> None:
    clock = new_clock()
    settings.BILLING_TEST_CLOCKS = False  # type: ignore[attr-defined]
    assert refusal(clock) == (403, "test_clocks_off")
    with pytest.raises(DomainError) as refused:
        delete(clock_id=clock.pk, actor=ACTOR)
    assert refused.value.code == "test_clocks_off"


def test_a_clock_is_deleted_only_while_nobody_lives_on_it() -> None:
    lonely, home, moving = new_clock(), new_clock(), new_clock()
    make_account(test_clock_id=home.pk)
    send(moving, START + DAY)
    delete(clock_id=lonely.pk, actor=ACTOR)
    codes = []
    for clock in (lonely, home, moving):
        with pytest.raises(DomainError) as refused:
            delete(clock_id=clock.pk, actor=ACTOR)
        codes.append((refused.value.status, refused.value.code))
    assert codes == [(404, "test_clock_not_found"), (409, "test_clock_in_use"), (409, "test_clock_advancing")]
    assert set(TestClock.objects.values_list("pk", flat=True)) == {home.pk, moving.pk}


@pytest.mark.fr("B-14")
def test_one_that_failed_or_that_nobody_moves_goes_on() -> None:
    clock = new_clock()

    def refused(clock_id: UUID = clock.pk) -> str:
        with pytest.raises(DomainError) as refusal:
            go_on(clock_id=clock_id, actor=ACTOR)
        assert refusal.value.hint
        return refusal.value.code

    assert refused() == "test_clock_ready"
    assert refused(uuid4()) == "test_clock_not_found"
    send(clock, START + DAY)
    TestClock.objects.update(lease_token=uuid4(), lease_until=wall.wall() + DAY)
    assert refused() == "test_clock_held"
    TestClock.objects.update(lease_until=wall.wall() - DAY)
    go_on(clock_id=clock.pk, actor=ACTOR)
    assert stands(clock).lease_token is None
    TestClock.objects.update(status=Status.FAILED, error="no price")
    go_on(clock_id=clock.pk, actor=ACTOR)
    assert (stands(clock).status, stands(clock).error) == (Status.ADVANCING, "")
    turn(clock)
    assert (stands(clock).status, stands(clock).frozen_time) == (Status.READY, START + DAY)
