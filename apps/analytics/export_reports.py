"""Usage and revenue as files, line by line."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from io import StringIO

from apps.analytics.revenue import Revenue
from apps.analytics.usage import Used
from apps.kernel.cells import cell
from apps.usage.rules.caps import plain

USAGE_HEADING = tuple(field.name for field in fields(Used))
REVENUE_HEADING = tuple(field.name for field in fields(Revenue))


def usage_csv(rows: Iterable[Used]) -> Iterator[bytes]:
    """A heading, then a line for each step and metric."""
    yield _line(USAGE_HEADING)
    for each in rows:
        yield _line((each.step, each.metric, each.events, plain(each.quantity), each.subscriptions, each.accounts))


def revenue_csv(rows: Iterable[Revenue]) -> Iterator[bytes]:
    """A heading, then a line for each step and currency; amounts are minor units."""
    yield _line(REVENUE_HEADING)
    for each in rows:
        yield _line(astuple(each))


def _line(values: Iterable[object]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow([cell(value) for value in values])
    return text.getvalue().encode()
