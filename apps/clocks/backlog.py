"""Pending work here: test clocks on their way."""

from django.db.models import Q

from apps.clocks.actions.advance import go_on
from apps.clocks.models import TestClock
from apps.clocks.rules import Status
from apps.kernel.backlog import Kind, register

MOVING = register(
    Kind(
        name="clocks.advance",
        title="Test clocks on their way",
        rows=lambda: TestClock.objects.exclude(status=Status.READY),
        since="updated_at",
        moved="updated_at",
        reason="error",
        leased=True,
        called=lambda row: row.name,
        stopped=Q(status=Status.FAILED),
        try_now=lambda row, actor: go_on(clock_id=row.pk, actor=actor),
        button="Go on",
    )
)
