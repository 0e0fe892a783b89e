"""Months and days that a report is about, local to each account. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID


class Interval(StrEnum):
    """What a report has a row of."""

    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both within. `currency` is empty for all of them.

    Of accounts on the wall's time, or on the test clock that is named, whose time `now` is.
    """

    first: date
    last: date
    interval: Interval
    now: datetime
    currency: str = ""
    clock_id: UUID | None = None

    @property
    def since(self) -> datetime:
        """No local day of the period begins before: they begin up to a day before and after those of UTC."""
        return datetime.combine(self.first, time(), tzinfo=UTC) - timedelta(days=1)

    @property
    def until(self) -> datetime:
        """None ends after it."""
        return datetime.combine(self.last, time(), tzinfo=UTC) + timedelta(days=2)

    def steps(self) -> list[date]:
        """The first day of each month, or each day, the oldest first."""
        found, step = [], self.first
        while step <= self.last:
            found.append(step)
            step = following(step) if self.interval is Interval.MONTH else step + timedelta(days=1)
        return found

    def named(self, step: date) -> str:
        """As reports name it: 2026-04 or 2026-04-30."""
        return f"{step:%Y-%m}" if self.interval is Interval.MONTH else step.isoformat()


def before(month: date, months: int) -> date:
    """The month that lies so many months before, by its first day."""
    count = month.year * 12 + month.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def following(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def months_of(first: date, last: date) -> tuple[date, date]:
    """The first day of one month, and the last of another."""
    return first.replace(day=1), following(last) - timedelta(days=1)
