"""Meters: which events are counted and how they become one quantity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

Scalar: TypeAlias = str | int | bool
MAX_GROUPS = 5
EXACT = Context(prec=100)
"""Arithmetic of quantities: a sum of many has more digits than Python counts with by itself."""


class Aggregation(StrEnum):
    """How the events of a period become one quantity."""

    SUM = "sum"
    COUNT = "count"
    MAX = "max"
    LAST = "last"
    """The quantity of the latest event; of those with one timestamp, the one whose idempotency key sorts last."""
    UNIQUE_COUNT = "unique_count"
    """How many different quantities, or different values of the property `unique_by`."""


@dataclass(frozen=True)
class Meter:
    """What a charge counts. `filter`: property -> the values that count, all properties together; a scalar is one."""

    metric: str
    aggregation: Aggregation
    filter: Mapping[str, Any] = field(default_factory=dict)
    group_by: tuple[str, ...] = ()
    unique_by: str | None = None


class WindowMeter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What ingest has to know of a meter. `key`: the charge's. `cap`: the quantity above which events are refused.

    `negative`: whether quantities below zero are taken.
    """

    key: str
    aggregation: Aggregation
    filter: dict[str, list[Scalar]] = {}
    unique_by: str | None = None
    cap: Decimal | None = None
    negative: bool = False

    def meter(self, metric: str) -> Meter:
        """The same, as it is asked for."""
        return Meter(metric=metric, aggregation=self.aggregation, filter=self.filter, unique_by=self.unique_by)


Meters: TypeAlias = dict[str, tuple[WindowMeter, ...]]
_decoder = msgspec.json.Decoder(Meters)


@lru_cache(maxsize=4096)
def meters(text: str) -> Meters:
    """The meters of a window by metric. Most subscriptions of a plan have the same text, so it is read once."""
    return _decoder.decode(text)


def listed(filter: Mapping[str, Any]) -> dict[str, list[Scalar]]:
    """A filter in its one form: each property with a list of values."""
    return {name: list(values) if isinstance(values, list | tuple) else [values] for name, values in filter.items()}


def matches(filter: Mapping[str, list[Scalar]], properties: Mapping[str, Any]) -> bool:
    """Whether an event of these properties counts, as PostgreSQL compares JSON: 1 is 1.0, and neither true nor "1"."""
    return all(any(_same(properties.get(name), value) for value in values) for name, values in filter.items())


def _same(one: Any, other: Scalar) -> bool:
    return one is not None and isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
