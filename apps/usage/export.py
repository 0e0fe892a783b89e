"""Events as files, written piece by piece: however many there are, a few thousand are in memory."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pyarrow as pa
from django.db.models import QuerySet
from pyarrow import parquet

from apps.kernel.cells import cell
from apps.kernel.pieces import pieces
from apps.usage.models import UsageEvent
from apps.usage.objects import UsageEventObject, event_objects
from apps.usage.queries.events import corrections

PIECE = 5_000

_TEXT, _INSTANT = pa.string(), pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    {
        "id": _TEXT,
        "subscription_id": _TEXT,
        "metric": _TEXT,
        "quantity": pa.decimal128(31, 12),
        "timestamp": _INSTANT,
        "received_at": _INSTANT,
        "idempotency_key": _TEXT,
        "properties": _TEXT,
        "voided_at": _INSTANT,
        "replaced_by_id": _TEXT,
    }
)
"""Properties are JSON in a text; ids are texts."""


def as_csv(rows: QuerySet[UsageEvent]) -> Iterator[bytes]:
    """A heading, then a line an event. Times are RFC 3339 in UTC."""
    return _csv(_pieces(rows))


def as_parquet(rows: QuerySet[UsageEvent]) -> Iterator[bytes]:
    """A row group a piece."""
    return _parquet(_pieces(rows))


FORMATS: Mapping[str, tuple[str, Callable[[QuerySet[UsageEvent]], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "parquet": ("application/vnd.apache.parquet", as_parquet),
}


def _pieces(rows: QuerySet[UsageEvent]) -> Iterator[list[UsageEventObject]]:
    return (event_objects(piece, corrections([row.pk for row in piece])) for piece in pieces(rows, PIECE))


def _csv(parts: Iterator[Sequence[UsageEventObject]]) -> Iterator[bytes]:
    yield _lines([SCHEMA.names])
    for part in parts:
        yield _lines([[cell(_text(value)) for value in _row(each).values()] for each in part])


def _parquet(parts: Iterator[Sequence[UsageEventObject]]) -> Iterator[bytes]:
    sink = _Sink()
    with parquet.ParquetWriter(sink, SCHEMA) as writer:
        for part in parts:
            writer.write_table(pa.Table.from_pylist([_row(each) for each in part], schema=SCHEMA))
            yield sink.taken()
    yield sink.taken()


def _row(event: UsageEventObject) -> dict[str, object]:
    row = {name: getattr(event, name) for name in SCHEMA.names}
    row["properties"] = json.dumps(event.properties, ensure_ascii=False, separators=(",", ":"))
    row["quantity"] = Decimal(event.quantity)
    return {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


class _Sink:
    """A file that only grows and forgets what was taken from it; its place goes on, as Parquet counts it."""

    closed = False

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.place = 0

    def write(self, content: bytes) -> int:
        self.parts.append(bytes(content))
        self.place += len(content)
        return len(content)

    def tell(self) -> int:
        return self.place

    def flush(self) -> None:
        """All is written at once."""

    def close(self) -> None:
        self.closed = True

    def taken(self) -> bytes:
        content, self.parts = b"".join(self.parts), []
        return content
