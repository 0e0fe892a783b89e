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
    CREATE_PRORATIONS = "create_prorations"
    NONE = "none"


@dataclass(frozen=True)
class Priced:
    """What a line charged: unit_amount x quantity for `days` of the full period, in minor units before tax behavior.

    `discount` came off it: of its amount for all its days, as it was charged. `noted`: what credit notes took back.
    """

    line_id: UUID
    unit_amount: int
    quantity: int
    days: Period
    full: Period
    discount: int = 0
    plan_version_id: str = ""
    noted: int = 0

    def amount(self, days: int) -> int:
        """The price of that many of its days."""
        return rounded(Fraction(self.unit_amount * self.quantity * days, self.full.days))

    def net(self, days: int) -> int:
        """The same at the discounted price."""
        charged = self.amount(self.days.days)
        if not self.discount or not charged:
            return self.amount(days)
        price = Fraction(self.unit_amount * self.quantity * (charged - self.discount), charged)
        return rounded(price * days / self.full.days)


@dataclass(frozen=True)
class Stretch:
    """Days that stand billed, and by what; None where they cost nothing."""

    days: Period
    charged: Priced | None


@dataclass(frozen=True)
class Release:
    """A stretch cut at the day of a change: what stays billed, what is given back, and its credit (0 or more).

    `credit` is at the full price, and holds the `discount` that is not given back.
    """

    stretch: Stretch
    kept: Period | None
    released: Period
    credit: int
    discount: int = 0
    lost_before: int = 0
    """Days of the line that were credited before."""


@dataclass(frozen=True)
class Terms:
    """What is agreed: a version of a plan, at its price, so many of it."""

    plan_version_id: str
    unit_amount: int
    quantity: int


def is_billed(stretches: Iterable[Stretch], wanted: Terms, days: Period, full: Period) -> bool:
    """Whether these stretches bill exactly `days` under `wanted`: then a change costs and credits nothing."""
    day = days.start
    for stretch in sorted(stretches, key=lambda each: each.days.start):
        if stretch.days.end <= days.start:
            continue
        charged = stretch.charged
        if stretch.days.start > day or not _same(charged, wanted, full):
            return False
        day = stretch.days.end
    return day == days.end


def _same(charged: Priced | None, wanted: Terms, full: Period) -> bool:
    if charged is None:
        return not wanted.unit_amount
    return charged.full == full and wanted == Terms(charged.plan_version_id, charged.unit_amount, charged.quantity)


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
    line = stretch.charged
    if line is None:
        return Release(stretch, kept, released, 0)
    # All credits of a line together are the price of all days it has lost: so it is never credited for more than it
    # charged, however often it is cut, and the last credit takes the rounding.
    before = line.days.days - days.days
    now = line.days.days - (kept.days if kept else 0)
    credit = line.amount(now) - line.amount(before)
    left = max(0, line.net(line.days.days) - line.noted - line.net(before))
    return Release(stretch, kept, released, credit, credit - min(line.net(now) - line.net(before), left), before)
