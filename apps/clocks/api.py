"""/v1/test-clocks"""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.clocks.actions import create, delete
from apps.clocks.actions.advance import advance
from apps.clocks.actions.make import refuse_where_off
from apps.clocks.models import TestClock
from apps.clocks.objects import TestClockObject, clock_objects
from apps.clocks.rules import Status
from apps.kernel import clock
from apps.rest import inputs
from apps.rest.filters import ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation
from apps.rest.writes import wait_seconds

DEFAULT_WAIT = 30
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.1


class TestClockInput(inputs.Input):
    """What POST takes."""

    __test__ = False  # its name makes pytest take it for a test class

    frozen_time = inputs.DateTimeField()
    name = inputs.CharField(max_length=255, required=False, allow_blank=True, default="")


class AdvanceInput(inputs.Input):
    """Where to move it: no earlier than it stands, at most ten years ahead in one call."""

    frozen_time = inputs.DateTimeField()


class TestClockFilter(ResourceFilterSet):
    status = filters.ChoiceFilter(choices=[(status.value, status.value) for status in Status])
    name = filters.CharFilter()

    class Meta:
        model = TestClock
        fields: list[str] = []


class TestClockViewSet(ResourceViewSet):
    """Test clocks: time that accounts live on instead of the wall's. Only where BILLING_TEST_CLOCKS is on."""

    __test__ = False  # its name makes pytest take it for a test class

    resource = "test_clocks"
    queryset = TestClock.objects.all()
    object_class = TestClockObject
    filterset_class = TestClockFilter

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Nothing of this exists in live mode."""
        super().initial(request, *args, **kwargs)
        refuse_where_off()

    def render(self, rows: Any) -> list[TestClockObject]:
        return clock_objects(rows)

    @operation(input=TestClockInput, output=TestClockObject, status=201)
    def create(self, request: Request) -> Response:
        """Make a test clock that stands at `frozen_time`; accounts join it by `test_clock_id` when they are created."""
        return self.created(create(**self.parse(TestClockInput), actor=self.actor))

    @operation(status=204)
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Delete a test clock that no account lives on."""
        delete(clock_id=self.get_object().pk, actor=self.actor)
        return self.gone()

    @operation(input=AdvanceInput, output=TestClockObject, status=200)
    def advance(self, request: Request, **kwargs: Any) -> Response:
        """Run all that falls due up to a later time, in order: 200 when done within `Prefer: wait=N` (30), else 202."""
        found = self.get_object()
        moved = advance(clock_id=found.pk, to=self.parse(AdvanceInput)["frozen_time"], actor=self.actor)
        return self.ok(moved, status=202)

    def _handled(self) -> Response:
        """The wait comes after the commit, and only where this very request set the clock on its way."""
        response = super()._handled()
        if getattr(self, "action", None) != "advance" or response.status_code != 202:
            return response
        if "Idempotent-Replayed" in response.headers:
            return response
        preferred = self.request.headers.get("Prefer", "")
        seconds = wait_seconds(preferred) if "wait=" in preferred.lower() else DEFAULT_WAIT
        stands = _once_there(self.get_queryset().filter(pk=self.path_id()), clock.monotonic() + seconds)
        return response if stands is None else self.ok(stands, status=200 if stands.status == Status.READY else 202)


def _once_there(rows: Any, deadline: float) -> TestClock | None:
    """The clock once it has stopped or the time is up; None when it has been deleted."""
    pause = FIRST_PAUSE
    while True:
        found: TestClock | None = rows.first()
        left = deadline - clock.monotonic()
        if found is None or found.status != Status.ADVANCING or left <= 0:
            return found
        clock.pause(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)
