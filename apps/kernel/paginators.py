"""Pages of tables too big to count: PostgreSQL's own estimate instead of COUNT(*)."""

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import QuerySet

COUNTED_TO = 10_000
"""Up to here rows are counted exactly; a filtered list has no pages beyond it."""


class EstimatedPaginator(Paginator):  # type: ignore[type-arg]
    """For admin pages (`paginator = EstimatedPaginator`): never scans more than COUNTED_TO rows to know its length."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        # The key alone: what else the list sums for each row is not summed to be counted.
        counted = rows.order_by().values("pk")[:COUNTED_TO].count()
        if counted < COUNTED_TO or rows.query.where:
            return counted
        return max(counted, _estimate(rows.model._meta.db_table))

    def page(self, number: Any) -> Page[Any]:
        """Past the first page the keys are found before the rows: PostgreSQL would sum for each row it walks past."""
        number = self.validate_number(number)
        rows = self.object_list
        if number == 1 or not isinstance(rows, QuerySet):
            return super().page(number)
        first = (number - 1) * self.per_page
        keys = list(rows.values_list("pk", flat=True)[first : first + self.per_page])
        return Page(rows.filter(pk__in=keys), number, self)

    @cached_property
    def num_pages(self) -> int:
        """As many as rows are counted: PostgreSQL walks all rows before a page, so a million rows' last page costs a
        second. What lies further back is found by search and filters."""
        return int(min(super().num_pages, -(-COUNTED_TO // self.per_page)))


def _estimate(table: str) -> int:
    """Rows of `table` and its partitions as of the last ANALYZE."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_partition_tree(%s::regclass) AS part"
            " JOIN pg_class ON pg_class.oid = part.relid WHERE part.isleaf",
            [table],
        )
        return int(cursor.fetchone()[0])
