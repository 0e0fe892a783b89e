"""What a period of a recurring price costs. Fixed prices are billed in advance, by days where a period is short."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from apps.kernel.money import bounded, rounded
from apps.kernel.periods import Interval, Period, anchored, index_of, midnight


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
class Billable:
    """A charge that is due, with the instants its period is shown by: [start, end)."""

    charge: Charge
    start: datetime
    end: datetime


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


def charge(
    *, day: date, anchor: date, interval: Interval, unit_amount: int, quantity: int, ends_on: date | None = None
) -> Charge:
    """The charge from `day` to the end of the anchored period that holds it, or to the end of the subscription.

    price x quantity x days / days of the full anchored period, rounded once; a full period is the price itself.
    """
    full = anchored(anchor, interval, day)
    period = Period(day, min(full.end, ends_on) if ends_on else full.end)
    whole = unit_amount * quantity
    amount = whole if period == full else rounded(Fraction(whole * period.days, full.days))
    return Charge(period, full, unit_amount, quantity, bounded(amount, what="charge"))


def full_price(unit_amount: int, quantity: int) -> int:
    """What a whole period costs, or a refusal: a first period may be short or free, a later one will not be."""
    return bounded(unit_amount * quantity, what="price x quantity")


def periods_begun(*, first_day: date, today: date, anchor: date, interval: Interval) -> int:
    """How many periods from `first_day` on have begun by `today`; 0 if the first is still to come."""
    if today < first_day:
        return 0
    return index_of(anchor, interval, today) - index_of(anchor, interval, first_day) + 1


def due_periods(
    *,
    day: date,
    begins: datetime,
    anchor: date,
    interval: Interval,
    unit_amount: int,
    quantity: int,
    timezone: str,
    at: datetime,
    limit: int | None = None,
    ends_on: date | None = None,
) -> list[Billable]:
    """The periods that have begun by `at`, in order, from local day `day` on, which begins at the instant `begins`.

    Each starts at the instant at which the last one ended, as it was promised; its end is the local midnight in today's
    zone. So a new zone counts from the next boundary on, and no day is charged twice or left out; none from `ends_on`.
    """
    found: list[Billable] = []
    while begins <= at and (limit is None or len(found) < limit) and (ends_on is None or day < ends_on):
        made = charge(
            day=day, anchor=anchor, interval=interval, unit_amount=unit_amount, quantity=quantity, ends_on=ends_on
        )
        ends = max(begins, midnight(made.period.end, timezone))
        found.append(Billable(made, begins, ends))
        day, begins = made.period.end, ends
    return found
