"""Making a test clock. Moving one runs what falls due on the way."""

from datetime import datetime

from django.conf import settings

from apps.clocks.models import TestClock
from apps.kernel.actors import Actor
from apps.kernel.errors import Forbidden, Invalid
from apps.kernel.transactions import unit_of_work


def create(*, name: str, frozen_time: datetime, actor: Actor) -> TestClock:
    """A clock that stands at `frozen_time`."""
    if not settings.BILLING_TEST_CLOCKS:
        raise Forbidden(
            "test_clocks_off",
            "This deployment has no test clocks.",
            hint="Set BILLING_TEST_CLOCKS=1 and BILLING_MODE=test; live deployments never have them.",
        )
    if frozen_time.tzinfo is None:
        raise Invalid(
            "time_without_zone", "frozen_time has no time zone.", hint="Write an instant such as 2026-04-01T00:00:00Z."
        )
    with unit_of_work(actor):
        return TestClock.objects.create(name=name, frozen_time=frozen_time)
