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

    class Meta(MutableRecord.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in Status]), name="clocks_testclock_status"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.frozen_time.isoformat()}"
