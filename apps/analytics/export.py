"""Figures as files, line by line."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from apps.analytics.recovery import Group
from apps.kernel.cells import cell

HEADING = (
    "month", "currency", "reason", "origin", "retry", "message", "cases", "failed_amount", "recovered_amount",
    "median_days",
)  # fmt: skip


def recovery_csv(groups: Iterable[Group]) -> Iterator[bytes]:
    """A heading, then a line for each month, currency, reason and what recovered it; sums are left to the reader."""
    yield _line(HEADING)
    for group in groups:
        for each in group.by:
            yield _line((
                group.month, group.currency, group.reason, each.origin or "not recovered", each.retry, each.message,
                each.cases, each.failed, each.amount, each.median_days,
            ))  # fmt: skip


def _line(values: Iterable[object]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow([cell(value) for value in values])
    return text.getvalue().encode()
