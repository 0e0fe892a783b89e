"""The table of test clocks."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.clocks.rules import Status
from apps.kernel.models import MutableRecord


class TestClock(MutableRecord):
    """A clock that accounts live on instead of the wall's. PostgreSQL refuses to set it back."""

    __test__: ClassVar[bool] = False  # its name makes pytest take it for a test class

    name = models.CharField(max_length=255)
    frozen_time = models.DateTimeField()
    status = models.CharField(
        max_length=9, choices=[(status.value, status.value) for status in Status], default=Status.READY
    )
    target = models.DateTimeField(null=True, blank=True, help_text="Where it is being moved to.")
    # Free when the time is past. A token shows whose lease it is: whoever lost it writes nothing.
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="", db_default="", help_text="Why it stopped on the way.")
    progress = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta(MutableRecord.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in Status]), name="clocks_testclock_status"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.frozen_time.isoformat()}"
