"""Making and deleting a test clock, and what is refused of every one."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from apps.clocks.models import TestClock
from apps.clocks.rules import EARLIEST, LATEST, Status
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from apps.kernel.transactions import unit_of_work


def create(*, name: str, frozen_time: datetime, actor: Actor) -> TestClock:
    """A clock that stands at `frozen_time`.

    Errors: test_clocks_off (403), time_without_zone and frozen_time_out_of_range (422).
    """
    refuse_where_off()
    check_time(frozen_time)
    with unit_of_work(actor):
        return TestClock.objects.create(name=name, frozen_time=frozen_time)


def delete(*, clock_id: UUID, actor: Actor) -> None:
    """Delete a clock that nobody lives on.

    Errors: test_clocks_off (403), test_clock_not_found (404), test_clock_advancing and test_clock_in_use (409).
    """
    refuse_where_off()
    with unit_of_work(actor):
        clock = lock(clock_id)
        if clock.status == Status.ADVANCING:
            raise advancing(clock)
        if not _deleted(clock_id):
            raise Conflict(
                "test_clock_in_use",
                "Accounts live on this test clock.",
                hint="A clock stays as long as its accounts; GET /v1/accounts?test_clock_id=... lists them.",
            )


def refuse_where_off() -> None:
    """403 in live mode, and wherever test clocks are not switched on."""
    if not settings.BILLING_TEST_CLOCKS:
        raise Forbidden(
            "test_clocks_off",
            "This deployment has no test clocks.",
            hint="Set BILLING_TEST_CLOCKS=1 and BILLING_MODE=test; live deployments never have them.",
        )


def check_time(time: datetime) -> None:
    """A time that a clock may stand at."""
    if time.tzinfo is None:
        raise Invalid(
            "time_without_zone", "frozen_time has no time zone.", hint="Write an instant such as 2026-04-01T00:00:00Z."
        )
    if not EARLIEST <= time <= LATEST:
        raise Invalid(
            "frozen_time_out_of_range",
            f"frozen_time is not between {EARLIEST:%Y} and {LATEST:%Y}.",
            hint="Choose a time within these years.",
        )


def lock(clock_id: UUID) -> TestClock:
    """Lock a clock, or 404."""
    found = TestClock.objects.select_for_update().filter(pk=clock_id).first()
    if found is None:
        raise NotFound("test_clock_not_found", f"There is no test clock {clock_id}.", hint="Check the id in the path.")
    return found


def advancing(clock: TestClock) -> Conflict:
    """It is on its way already."""
    return Conflict(
        "test_clock_advancing",
        f"The test clock is on its way to {clock.target:%Y-%m-%dT%H:%M:%SZ}." if clock.target else "It is on its way.",
        hint="GET it until its status is READY or FAILED, then try again.",
    )


def _deleted(clock_id: UUID) -> bool:
    """PostgreSQL knows who refers to it: asked at once, not at the commit."""
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("DELETE FROM clocks_testclock WHERE id = %s", [clock_id])
        except IntegrityError:
            return False
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        return True
