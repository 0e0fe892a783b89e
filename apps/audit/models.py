"""The audit log as Django reads it; PostgreSQL alone writes it (see the first migration)."""

from django.db import models


class Entry(models.Model):
    """One change of one row, or one access to it.

    INSERT: `after` is the whole row. DELETE: `before` is the whole row. UPDATE: both hold only the columns that
    changed, and an update that changed nothing leaves no entry. TRUNCATE: one entry, without rows.
    VIEW and EXPORT: `after` says which page or file; an export of many rows names no table.
    In the database the primary key is (id, at), because the table is partitioned by month of `at`.
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.TextField()
    correlation = models.TextField()
    table_name = models.TextField()
    row_id = models.TextField()
    operation = models.TextField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        db_table = "audit_entry"
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row_id}"
