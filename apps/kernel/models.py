"""Base of the tables: UUIDv7 keys and wall times. Has no table itself."""

from django.db import models

from apps.kernel import clock
from apps.kernel.ids import uuid7


class Record(models.Model):
    """A row with a UUIDv7 key, in whose order lists are shown, and the wall time of its making."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=clock.wall, editable=False)

    class Meta:
        abstract = True
        ordering = ("-id",)

    def __str__(self) -> str:
        return str(self.pk)


class MutableRecord(Record):
    """A row that may change: `updated_at` (wall time) is set by every action that writes it."""

    updated_at = models.DateTimeField(default=clock.wall, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(Record.Meta):
        abstract = True
