"""What usage comes to: any number of meters, subscriptions and times in one statement, and so of one snapshot.

Requests of one kind (so many filters, so many groups, this sort of aggregation) are one part of the statement, each
request a walk along the index. Where neither filter nor group asks for properties, the index alone answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from django.db import connection

from apps.usage.queries import watermarks
from apps.usage.rules.meters import EXACT, Aggregation, Meter, listed
from apps.usage.rules.watermark import Watermark

ZERO = Decimal(0)
_Row: TypeAlias = tuple[list[str | None], Decimal | None, int, Decimal, Decimal, Decimal | None]


@dataclass(frozen=True)
class Asked:
    """One meter of one subscription in [since, until). `values`: with the histogram of quantities, for sums alone."""

    subscription_id: UUID
    meter: Meter
    since: datetime
    until: datetime
    values: bool = False


@dataclass(frozen=True)
class Total:
    """What a meter comes to in one group: `group`, empty without group_by, and has None where a property is absent."""

    group: Mapping[str, str | None]
    quantity: Decimal
    events: int
    values: Mapping[Decimal, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Tally:
    """The totals of each request, in the order of the requests and then of the groups; none where there is no event.

    `watermark`: which events they are made of.
    """

    totals: list[list[Total]]
    watermark: Watermark


@dataclass(frozen=True)
class _Kind:
    """Requests that one part of the statement answers."""

    special: str
    filters: int
    groups: int
    values: bool

    @classmethod
    def of(cls, asked: Asked) -> "_Kind":
        meter = asked.meter
        special = {Aggregation.LAST: "last", Aggregation.UNIQUE_COUNT: "unique"}.get(meter.aggregation, "")
        if special == "unique" and meter.unique_by is not None:
            special = "unique_by"
        values = asked.values and meter.aggregation is Aggregation.SUM
        return cls(special, len(meter.filter), len(meter.group_by), values)

    def sql(self) -> str:
        columns = ["n int", "subscription_id uuid", "metric text", "since timestamptz", "until timestamptz"]
        columns += ["unique_by text"] if self.special == "unique_by" else []
        columns += [f"name{index} text, values{index} jsonb" for index in range(self.filters)]
        columns += [f"group{index} text" for index in range(self.groups)]
        groups = ", ".join(f"event.properties ->> asked.group{index}" for index in range(self.groups))
        where = _WHERE + "".join(
            f" AND asked.values{index} @> (event.properties -> asked.name{index})" for index in range(self.filters)
        )
        array = f"ARRAY[{groups}]::text[]"
        by = ["1"] * bool(self.groups) + ["2"] * self.values
        # Put together of the texts in this file alone.
        return f"""
SELECT asked.n, tally.groups, tally.value, tally.events, tally.total, tally.most, {self._special(where, array)}
FROM jsonb_to_recordset(%s::jsonb) AS asked({", ".join(columns)})
CROSS JOIN LATERAL ({_CORRECTED}) AS corrected
CROSS JOIN LATERAL (
    SELECT {array} AS groups, {"event.quantity" if self.values else "NULL::numeric"} AS value,
           count(*) AS events, sum(event.quantity) AS total, max(event.quantity) AS most, {_MORE[self.special]} AS more
    FROM usage_event AS event WHERE {where}
    {"GROUP BY " + ", ".join(by) if by else ""}
) AS tally WHERE tally.events > 0"""  # noqa: S608

    def _special(self, where: str, array: str) -> str:
        if self.special != "last":
            return "tally.more" if self.special else "NULL::numeric"
        # Of those with the latest timestamp alone, which the index finds.
        return f"""(
    SELECT event.quantity FROM usage_event AS event
    WHERE {where} AND event.timestamp = tally.more AND {array} IS NOT DISTINCT FROM tally.groups
    ORDER BY event.idempotency_key COLLATE "C" DESC LIMIT 1
)"""  # noqa: S608


_MORE = {
    "": "NULL",
    "last": "max(event.timestamp)",
    "unique": "count(DISTINCT event.quantity)::numeric",
    "unique_by": "count(DISTINCT event.properties ->> asked.unique_by)::numeric",
}
_CORRECTED = """
    SELECT EXISTS (
        SELECT FROM usage_correction AS held
        WHERE held.subscription_id = asked.subscription_id AND held.metric = asked.metric
          AND held.timestamp >= asked.since AND held.timestamp < asked.until
    ) AS any"""
# OFFSET 0 makes it one look into the index an event, and none where nothing was corrected: a join would be planned for
# what corrections there are on the whole, and hash a million events to find none.
_WHERE = """event.subscription_id = asked.subscription_id AND event.metric = asked.metric
      AND event.timestamp >= asked.since AND event.timestamp < asked.until
      AND NOT (corrected.any AND EXISTS (
          SELECT FROM usage_correction AS correction WHERE correction.event_id = event.id OFFSET 0
      ))"""
_SEEN = "SELECT -1, ARRAY[{snapshot}, {before}], NULL::numeric, 0, NULL::numeric, NULL::numeric, NULL::numeric"


def totals(asked: Sequence[Asked]) -> Tally:
    """What each of these comes to, in one query. The same events give the same totals in whatever order they came."""
    parts: dict[_Kind, list[dict[str, Any]]] = {}
    for n, each in enumerate(asked):
        parts.setdefault(_Kind.of(each), []).append(_request(n, each))
    statement = " UNION ALL ".join([watermarks.row(_SEEN), *(kind.sql() for kind in parts)])
    with connection.cursor() as cursor:
        cursor.execute(statement, [msgspec.json.encode(requests).decode() for requests in parts.values()])
        seen, *rows = cursor.fetchall()
    found: list[list[_Row]] = [[] for _ in asked]
    for n, *row in rows:
        found[n].append(tuple(row))
    return Tally([_totals(each, own) for each, own in zip(asked, found, strict=True)], watermarks.read(*seen[1]))


def _request(n: int, asked: Asked) -> dict[str, Any]:
    meter = asked.meter
    request: dict[str, Any] = {
        "n": n, "subscription_id": asked.subscription_id, "metric": meter.metric, "since": asked.since,
        "until": asked.until, "unique_by": meter.unique_by,
    }  # fmt: skip
    for index, (name, values) in enumerate(sorted(listed(meter.filter).items())):
        request |= {f"name{index}": name, f"values{index}": values}
    for index, name in enumerate(meter.group_by):
        request[f"group{index}"] = name
    return request


def _totals(asked: Asked, rows: list[_Row]) -> list[Total]:
    """The rows of one request by group: several rows of a group are its different quantities."""
    groups: dict[tuple[str | None, ...], list[_Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[0]), []).append(row)
    return [
        _total(asked, group, groups[group])
        for group in sorted(groups, key=lambda group: [(text is not None, text or "") for text in group])
    ]


def _total(asked: Asked, group: tuple[str | None, ...], rows: list[_Row]) -> Total:
    named = dict(zip(asked.meter.group_by, group, strict=True))
    events = sum(row[2] for row in rows)
    match asked.meter.aggregation:
        case Aggregation.SUM:
            quantity = ZERO
            for row in rows:
                quantity = EXACT.add(quantity, row[3])
        case Aggregation.COUNT:
            quantity = Decimal(events)
        case Aggregation.MAX:
            quantity = rows[0][4]
        case _:
            quantity = rows[0][5] or ZERO
    values = {row[1]: row[2] for row in rows if row[1] is not None}
    return Total(named, quantity, events, values)
