"""The registry of pending work: what waits in the tables of each app, since when, why, and how it is tried now.

Each app offers its own in its `backlog.py`, which is discovered at start. A kind names the columns that say it; how
one piece stands follows from them, in the database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    F,
    IntegerField,
    Min,
    Model,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from apps.kernel.actors import Actor

LATE = timedelta(minutes=5)
"""So long after its time nobody has taken a piece: the sweeps come every few seconds, beat every minute."""


class State(IntEnum):
    """How a piece stands, worst first."""

    STOPPED = 0
    ABANDONED = 1
    LATE = 2
    FAILING = 3
    UNDER_WAY = 4
    WAITING = 5


STUCK = (State.STOPPED, State.ABANDONED, State.LATE)
"""A person waits for a machine, or a machine for a person."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of pending work.

    `rows()`: all of it, on every clock, by an index. `since`, `next_at`, `calls`, `reason`: columns (or expressions);
    "" where there is none. `moved`: when it was last worked at, for work that has no date and goes on at each tick.
    `leased`: it has `lease_token` and `lease_until`. `stopped`: of which nothing comes by itself. `clock`: the relation
    to the test clock by whose time `since` and `next_at` are; "": by the wall. `opens`: the row whose page is opened;
    `called`: its name, "" for its own.
    `try_now(row, actor)`: have it done at once, for rows that `fits`; what it cannot do it refuses as DomainError.
    """

    name: str
    title: str
    rows: Callable[[], QuerySet[Any]]
    since: str | Combinable = "created_at"
    next_at: str = ""
    moved: str | Combinable = ""
    calls: str = ""
    reason: str | Combinable = ""
    leased: bool = False
    stopped: Q | None = None
    clock: str = ""
    opens: Callable[[Any], Model] = lambda row: row
    called: Callable[[Any], object] = lambda row: ""
    try_now: Callable[[Any, Actor], object] | None = None
    fits: Callable[[Any], bool] = lambda row: True
    button: str = "Try now"


_registry: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Add a kind of work, once, under its name."""
    if kind.name in _registry:
        raise ValueError(f"pending work {kind.name} is registered already")
    _registry[kind.name] = kind
    return kind


def registered() -> Mapping[str, Kind]:
    """All kinds by name, in the order they were registered (lower apps first)."""
    return dict(_registry)


@dataclass(frozen=True, slots=True)
class Stand:
    """How much there is of a kind, by state, and since when the oldest waits."""

    number: Mapping[State, int]
    oldest: datetime | None

    @property
    def stuck(self) -> int:
        """Pieces that do not move by themselves."""
        return sum(self.number.get(state, 0) for state in STUCK)


def stand(kind: Kind, now: datetime) -> Stand:
    """How a kind stands at `now`, which is wall time: one query."""
    rows = looked_at(kind, now).order_by().values_list("backlog_state")
    found = list(rows.annotate(number=Count("pk"), oldest=Min("backlog_since")))
    return Stand({State(state): number for state, number, _ in found}, min((row[2] for row in found), default=None))


def looked_at(kind: Kind, now: datetime) -> QuerySet[Any]:
    """Its rows, the worst first and of those the oldest, each with how it stands as `backlog_...`.

    `state`, `since`, `next_at`, `calls`, `reason`; `now` is the time on the row's own clock.
    """
    wall = Value(now, output_field=DateTimeField())
    own = Coalesce(F(f"{kind.clock}__frozen_time"), wall) if kind.clock else wall
    rows: QuerySet[Any] = kind.rows().annotate(
        backlog_now=own,
        backlog_since=_of(kind.since, DateTimeField()),
        backlog_next_at=_of(kind.next_at, DateTimeField()),
        backlog_moved=_of(kind.moved, DateTimeField()),
        backlog_calls=_of(kind.calls, IntegerField()),
        backlog_reason=Coalesce(_of(kind.reason, TextField()), Value(""), output_field=TextField()),
    )
    found: QuerySet[Any] = rows.annotate(backlog_state=_state(kind, now))
    return found.order_by("backlog_state", "backlog_since", "pk")


def _of(column: str | Combinable, field: Any) -> Any:
    if column == "":
        return Value(None, output_field=field)
    return Cast(column, field)


def _state(kind: Kind, now: datetime) -> Case:
    whens = [When(kind.stopped, then=Value(State.STOPPED.value))] if kind.stopped is not None else []
    if kind.leased:
        held = Q(lease_token__isnull=False)
        whens.append(When(held & Q(lease_until__lt=now), then=Value(State.ABANDONED.value)))
        whens.append(When(held, then=Value(State.UNDER_WAY.value)))
    late = Q(backlog_next_at__lt=F("backlog_now") - Value(LATE)) | Q(backlog_moved__lt=now - LATE)
    whens.append(When(late, then=Value(State.LATE.value)))
    whens.append(When(~Q(backlog_reason=""), then=Value(State.FAILING.value)))
    return Case(*whens, default=Value(State.WAITING.value), output_field=IntegerField())
