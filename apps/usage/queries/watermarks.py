"""Watermarks in SQL: taken with a statement, and compared with rows."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from apps.usage.rules.watermark import Watermark

_SNAPSHOT = "pg_current_snapshot()::text"
# Ids are made by clocks that may differ a little, and well before the commit: an hour is more than both.
_BEFORE = "usage_floor(clock_timestamp() + interval '1 hour')::text"


def row(select: str) -> str:
    """`select` with the snapshot of its own statement for {snapshot} and {before}; `read` makes a watermark of both."""
    return select.format(snapshot=_SNAPSHOT, before=_BEFORE)


def read(snapshot: str, before: str) -> Watermark:
    """The watermark of what `row` selected."""
    return Watermark.of(snapshot, UUID(before))


def current() -> Watermark:
    """What is committed now."""
    with connection.cursor() as cursor:
        cursor.execute(row("SELECT {snapshot}, {before}"))
        return read(*cursor.fetchone())


def held(watermark: Watermark) -> Q:
    """Rows (with `id` and `transaction`) that the watermark holds."""
    seen = Q(transaction__lt=watermark.low) | Q(transaction__lt=watermark.high) & ~Q(transaction__in=watermark.open)
    return Q(id__lt=watermark.before) & seen


def missed(alias: str, watermark: Watermark) -> tuple[str, list[Any]]:
    """The condition in SQL that a row of `alias` is not held, and its parameters; an index finds such rows."""
    condition = (
        f"(({alias}.transaction >= %s AND ({alias}.transaction >= %s OR {alias}.transaction = ANY(%s::bigint[])))"
        f" OR {alias}.id >= %s)"
    )
    return condition, [watermark.low, watermark.high, sorted(watermark.open), watermark.before]
