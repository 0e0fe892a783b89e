"""Proration: what days cost that were billed and are not used, and which days are billed anew.

A change on local date C counts from C on: the old state is credited for [C, end of the period), the new one charged for
the same days, each rounded once, in proportion to the full anchored period. Cancelling credits and charges nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from apps.kernel.money import rounded
from apps.kernel.periods import Interval, Period, anchored


class Behavior(StrEnum):
    """What a change in the middle of a period costs now."""

    ALWAYS_INVOICE = "always_invoice"
    NONE = "none"


@dataclass(frozen=True)
class Priced:
    """What a line charged: unit_amount x quantity for `days` of the full period, in minor units before tax behavior."""

    line_id: UUID
    unit_amount: int
    quantity: int
    days: Period
    full: Period

    def amount(self, days: int) -> int:
        """The price of that many of its days."""
        return rounded(Fraction(self.unit_amount * self.quantity * days, self.full.days))


@dataclass(frozen=True)
class Stretch:
    """Days that stand billed, and by what; None where they cost nothing."""

    days: Period
    charged: Priced | None


@dataclass(frozen=True)
class Release:
    """A stretch cut at the day of a change: what stays billed, what is given back, and its credit (0 or more)."""

    stretch: Stretch
    kept: Period | None
    released: Period
    credit: int


def first_day(*, today: date, billed_to: date, anchor: date, interval: Interval) -> date:
    """From which local day on a change made today counts.

    Today, unless the account has moved west and today lies before the current period: what is over is not touched.
    """
    return max(today, anchored(anchor, interval, date.fromordinal(billed_to.toordinal() - 1)).start)


def releases(stretches: Iterable[Stretch], *, since: date) -> list[Release]:
    """What is given back of these stretches from day `since` on, in the order of their days."""
    cut = (_release(stretch, since) for stretch in stretches if stretch.days.end > since)
    return sorted(cut, key=lambda release: release.released.start)


def _release(stretch: Stretch, since: date) -> Release:
    days = stretch.days
    kept = Period(days.start, since) if days.start < since else None
    released = Period(max(days.start, since), days.end)
    return Release(stretch, kept, released, _credit(stretch, kept))


def _credit(stretch: Stretch, kept: Period | None) -> int:
    """The price of the days given back; all credits of a line together are the price of all days it has lost.

    So a line is never credited for more than it charged, however often it is cut: the last credit takes the rounding.
    """
    line = stretch.charged
    if line is None:
        return 0
    lost_before = line.days.days - stretch.days.days
    lost_now = line.days.days - (kept.days if kept else 0)
    return line.amount(lost_now) - line.amount(lost_before)
