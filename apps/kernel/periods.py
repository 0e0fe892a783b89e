"""Calendar arithmetic of billing: periods of local days, anchored and never drifting.

A period is [start, end) of local dates. Every boundary is anchor + k x interval, computed from the anchor
and never from the last boundary: 31 Jan -> 28 Feb -> 31 Mar. Instants are those of local midnights.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from apps.kernel.errors import Invalid


class Unit(StrEnum):
    """The unit of a billing interval."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class Interval:
    """How often a plan bills: `count` units. Two are equal only if both parts are."""

    unit: Unit
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("an interval has a count of at least 1")

    @property
    def days(self) -> int | None:
        """Length in days for days and weeks, None where it depends on the calendar."""
        return {Unit.DAY: 1, Unit.WEEK: 7}[self.unit] * self.count if self.unit in (Unit.DAY, Unit.WEEK) else None

    @property
    def months(self) -> int:
        """Length in months; only for months and years."""
        return {Unit.MONTH: 1, Unit.YEAR: 12}[self.unit] * self.count


@dataclass(frozen=True, order=True)
class Period:
    """Local days from `start` up to, not including, `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a period ends after it starts: {self.start} .. {self.end}")

    @cached_property
    def days(self) -> int:
        """How many local days it holds."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def overlaps(self, other: "Period") -> bool:
        """Whether any day lies in both."""
        return self.start < other.end and other.start < self.end

    def intersection(self, other: "Period") -> "Period | None":
        """The days in both, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None


def boundary(anchor: date, interval: Interval, k: int) -> date:
    """The k-th boundary: anchor + k x interval; k may be negative. A day a month lacks is its last day."""
    if interval.days is not None:
        return anchor + timedelta(days=k * interval.days)
    year, month0 = divmod(anchor.year * 12 + anchor.month - 1 + k * interval.months, 12)
    return date(year, month0 + 1, min(anchor.day, calendar.monthrange(year, month0 + 1)[1]))


def index_of(anchor: date, interval: Interval, day: date) -> int:
    """The k of the anchored period that holds `day`: boundary(k) <= day < boundary(k + 1)."""
    if interval.days is not None:
        return (day - anchor).days // interval.days
    k = ((day.year - anchor.year) * 12 + day.month - anchor.month) // interval.months
    return k if boundary(anchor, interval, k) <= day else k - 1


def anchored(anchor: date, interval: Interval, day: date) -> Period:
    """The full anchored period that holds `day`."""
    k = index_of(anchor, interval, day)
    return Period(boundary(anchor, interval, k), boundary(anchor, interval, k + 1))


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name, or a refusal."""
    if name not in known_zones():
        raise Invalid(
            "timezone_unknown",
            f"{name!r} is not an IANA time zone.",
            hint="Use a name like Europe/Berlin, Pacific/Auckland or UTC.",
        )
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """The names of all IANA time zones, without those that mean another place on another machine."""
    return frozenset(available_timezones() - {"localtime", "posixrules", "Factory"})


@lru_cache(maxsize=65536)
def midnight(day: date, timezone: str) -> datetime:
    """The first instant of local date `day`, in UTC.

    A midnight that comes twice: the first. One that is missing (clocks went forward over it): the first
    instant that carries that date.
    """
    local = zone(timezone)
    naive = datetime.combine(day, time.min)
    instant = naive.replace(tzinfo=local, fold=0).astimezone(UTC)
    if instant.astimezone(local).replace(tzinfo=None) == naive:
        return instant
    return _first_instant(day, local, instant)


def local_date(instant: datetime, timezone: str) -> date:
    """The date that a calendar on the wall shows there at `instant`."""
    return instant.astimezone(zone(timezone)).date()


def _first_instant(day: date, local: ZoneInfo, near: datetime) -> datetime:
    """Search the second at which the date turns to `day`, around a midnight that does not exist."""
    low, high = int(near.timestamp()) - 86400, int(near.timestamp()) + 86400
    while low < high:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, local).date() >= day:
            high = middle
        else:
            low = middle + 1
    return datetime.fromtimestamp(low, UTC)
