"""Sending a test clock to a later time. A worker moves it there, instant by instant: see `step`."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from apps.clocks.actions.make import advancing, check_time, lock, refuse_where_off
from apps.clocks.models import TestClock
from apps.clocks.rules import LONGEST_ADVANCE, Status
from apps.kernel import clock as kernel_clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, Invalid
from apps.kernel.transactions import unit_of_work

TASK, QUEUE = "clocks.advance", "billing"


def advance(*, clock_id: UUID, to: datetime, actor: Actor) -> TestClock:
    """Set the clock on its way to `to`; one that FAILED goes on from where it stopped.

    Errors: test_clocks_off (403), test_clock_not_found (404), test_clock_advancing (409), test_clock_back,
    advance_too_far, time_without_zone and frozen_time_out_of_range (422).
    """
    refuse_where_off()
    check_time(to)
    with unit_of_work(actor):
        clock = lock(clock_id)
        if clock.status == Status.ADVANCING:
            raise advancing(clock)
        if to < clock.frozen_time:
            raise Invalid(
                "test_clock_back",
                f"The test clock stands at {clock.frozen_time.isoformat()} and is never set back.",
                hint="Send a later time, or make another clock for an earlier one.",
            )
        if to - clock.frozen_time > LONGEST_ADVANCE:
            raise Invalid(
                "advance_too_far",
                f"One call moves a test clock by at most {LONGEST_ADVANCE.days} days.",
                hint="Advance in several calls.",
            )
        TestClock.objects.filter(pk=clock_id).update(
            status=Status.ADVANCING,
            target=to,
            error="",
            lease_token=None,
            lease_until=None,
            progress={"from": clock.frozen_time.isoformat(), "steps": 0, "pieces": 0},
            version=F("version") + 1,
            updated_at=kernel_clock.wall(),
        )
        ring_after_commit(TASK, QUEUE, clock_id=str(clock_id))
        clock.refresh_from_db()
        return clock


def go_on(*, clock_id: UUID, actor: Actor) -> None:
    """Have a clock that stopped on its way, or that nobody moves, go on to its target.

    Errors: test_clocks_off (403), test_clock_not_found (404), test_clock_ready and test_clock_held (409).
    """
    refuse_where_off()
    with unit_of_work(actor):
        clock = lock(clock_id)
        if clock.target is None:
            raise Conflict("test_clock_ready", "The test clock is where it was sent.", hint="Advance it further.")
        if clock.status == Status.FAILED:
            advance(clock_id=clock_id, to=clock.target, actor=actor)
            return
        if clock.lease_token and clock.lease_until and clock.lease_until >= kernel_clock.wall():
            raise Conflict(
                "test_clock_held",
                f"A worker moves the test clock, until {clock.lease_until.isoformat()} at most.",
                hint="If that worker has died, another takes over then.",
            )
        TestClock.objects.filter(pk=clock_id).update(lease_token=None, lease_until=None)
        ring_after_commit(TASK, QUEUE, clock_id=str(clock_id))
