"""What a period of a recurring price costs. Fixed prices are billed in advance, by days where a period is short."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from apps.kernel.money import bounded, rounded
from apps.kernel.periods import Interval, Period, anchored


@dataclass(frozen=True)
class Charge:
    """The recurring price for `period`, which lies in the anchored period `full`; `amount` in minor units."""

    period: Period
    full: Period
    unit_amount: int
    quantity: int
    amount: int

    @property
    def is_stub(self) -> bool:
        """Whether only some days of the full period are charged."""
        return self.period != self.full


@dataclass(frozen=True)
class Schedule:
    """The days on which a subscription is billed: `first_day` is the first paid one, `anchor` fixes every boundary."""

    trial_end: date | None
    first_day: date
    anchor: date


def schedule(*, start: date, trial_days: int, anchor: date | None, bill_from: date | None) -> Schedule:
    """Where billing starts: a trial is [start, start + trial_days); the anchor is the first paid day unless given."""
    trial_end = start + timedelta(days=trial_days) if trial_days else None
    paid_from = trial_end or start
    return Schedule(
        trial_end=trial_end,
        first_day=max(paid_from, bill_from) if bill_from else paid_from,
        anchor=anchor or paid_from,
    )


def charge(*, day: date, anchor: date, interval: Interval, unit_amount: int, quantity: int) -> Charge:
    """The charge from `day` to the end of the anchored period that holds it.

    price x quantity x days / days of the full anchored period, rounded once; a full period is the price itself.
    """
    full = anchored(anchor, interval, day)
    period = Period(day, full.end)
    amount = rounded(Fraction(unit_amount * quantity * period.days, full.days))
    return Charge(period, full, unit_amount, quantity, bounded(amount, what="charge"))
