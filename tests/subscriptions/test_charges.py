"""What periods cost and when they begin: the examples of the rules, and what holds for all."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.errors import Invalid
from apps.kernel.money import MAX_AMOUNT
from apps.kernel.periods import Interval, Unit, boundary, index_of, local_date, midnight
from apps.subscriptions.rules.charges import (
    Billable,
    Schedule,
    charge,
    due_periods,
    full_price,
    periods_begun,
    schedule,
)

MONTH = Interval(Unit.MONTH)
ZONES = ["UTC", "Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Honolulu", "America/New_York", "Africa/Cairo",
         "America/Santiago", "Asia/Kathmandu", "Pacific/Apia"]  # fmt: skip

days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
intervals = st.builds(Interval, st.sampled_from(list(Unit)), st.integers(min_value=1, max_value=6))


def lived(
    first_day: date, anchor: date, interval: Interval, timezone: str, at: datetime, limit: int | None = None
) -> list[Billable]:
    return due_periods(
        day=first_day, begins=midnight(first_day, timezone), anchor=anchor, interval=interval, unit_amount=3000,
        quantity=1, timezone=timezone, at=at, limit=limit,
    )  # fmt: skip


@pytest.mark.fr("FR-018", "FR-038")
def test_where_billing_starts() -> None:
    start = date(2026, 1, 31)
    assert schedule(start=start, trial_days=0, anchor=None, bill_from=None) == Schedule(None, start, start)
    after = date(2026, 2, 14)
    assert schedule(start=start, trial_days=14, anchor=None, bill_from=None) == Schedule(after, after, after)
    first = date(2026, 2, 1)
    assert schedule(start=start, trial_days=14, anchor=first, bill_from=None) == Schedule(after, after, first)
    moved = date(2026, 3, 9)
    assert schedule(start=start, trial_days=0, anchor=None, bill_from=moved) == Schedule(None, moved, start)


@pytest.mark.fr("FR-037", "FR-041")
@pytest.mark.parametrize(
    ("day", "anchor", "interval", "unit", "quantity", "end", "of_days", "amount"),
    [
        # The examples of the rules.
        (date(2026, 9, 12), date(2026, 9, 1), MONTH, 3000, 1, date(2026, 10, 1), 30, 1900),
        (date(2026, 3, 1), date(2026, 1, 15), MONTH, 3000, 1, date(2026, 3, 15), 28, 1500),
        # The anchor may lie far ahead or behind.
        (date(2026, 9, 12), date(2031, 2, 1), MONTH, 3000, 1, date(2026, 10, 1), 30, 1900),
        (date(2026, 9, 12), date(1999, 7, 1), MONTH, 3000, 1, date(2026, 10, 1), 30, 1900),
        # Whole periods cost their price, however long they are.
        (date(2026, 2, 28), date(2026, 1, 31), MONTH, 3000, 7, date(2026, 3, 31), 31, 21000),
        (date(2028, 2, 29), date(2024, 2, 29), Interval(Unit.YEAR), 99900, 1, date(2029, 2, 28), 365, 99900),
        # Days are of the anchored period: 29 days in February of a leap year, 92 of a quarter.
        (date(2028, 2, 11), date(2028, 2, 1), MONTH, 2900, 3, date(2028, 3, 1), 29, 5700),
        (date(2026, 12, 1), date(2026, 10, 1), Interval(Unit.MONTH, 3), 9200, 1, date(2027, 1, 1), 92, 3100),
        (date(2026, 4, 3), date(2026, 4, 1), Interval(Unit.WEEK, 2), 1400, 1, date(2026, 4, 15), 14, 1200),
        # Rounded once, half up, after the quantity: 3 x 333 x 1/2.
        (date(2026, 4, 8), date(2026, 4, 1), Interval(Unit.WEEK, 2), 333, 3, date(2026, 4, 15), 14, 500),
        (date(2026, 4, 1), date(2026, 4, 1), MONTH, 0, 5, date(2026, 5, 1), 30, 0),
    ],
)
def test_a_period_costs_its_share_of_the_price(
    day: date, anchor: date, interval: Interval, unit: int, quantity: int, end: date, of_days: int, amount: int
) -> None:
    made = charge(day=day, anchor=anchor, interval=interval, unit_amount=unit, quantity=quantity)
    assert (made.period.start, made.period.end, made.full.days, made.amount) == (day, end, of_days, amount)
    assert made.is_stub == (made.period.days < of_days)


def test_an_amount_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        charge(day=date(2026, 4, 1), anchor=date(2026, 4, 1), interval=MONTH, unit_amount=MAX_AMOUNT, quantity=2)
    assert refused.value.code == "amount_too_large"
    assert full_price(MAX_AMOUNT, 1) == MAX_AMOUNT
    with pytest.raises(Invalid):
        full_price(MAX_AMOUNT // 2 + 1, 2)


@pytest.mark.fr("FR-017", "FR-037")
@given(first_day=days, anchor=days, interval=intervals, timezone=st.sampled_from(ZONES))
def test_ten_years_without_gap_or_overlap_and_without_drift(
    first_day: date, anchor: date, interval: Interval, timezone: str
) -> None:
    until = midnight(first_day + timedelta(days=3653), timezone)
    # A day's interval has thousands of periods in ten years: five hundred tell as much.
    found = lived(first_day, anchor, interval, timezone, until, limit=500)
    assert found[0].charge.period.start == first_day
    k = index_of(anchor, interval, first_day)
    for number, each in enumerate(found):
        period, full = each.charge.period, each.charge.full
        assert full.start == boundary(anchor, interval, k + number)
        assert full.end == boundary(anchor, interval, k + number + 1)
        assert period.end == full.end
        assert number == 0 or period.start == full.start
        assert (each.start, each.end) == (midnight(period.start, timezone), midnight(period.end, timezone))
        assert abs(each.charge.amount - Fraction(3000 * period.days, full.days)) <= Fraction(1, 2)
        assert number == 0 or each.charge.amount == 3000
    for earlier, later in pairwise(found):
        assert earlier.charge.period.end == later.charge.period.start
        assert earlier.end == later.start < later.end


@given(
    anchor=days, interval=intervals, cut=st.integers(1, 400), unit=st.integers(0, 10**6), quantity=st.integers(1, 50)
)
def test_a_stub_and_the_rest_cost_the_whole(
    anchor: date, interval: Interval, cut: int, unit: int, quantity: int
) -> None:
    whole = charge(day=anchor, anchor=anchor, interval=interval, unit_amount=unit, quantity=quantity)
    if whole.period.days == 1:
        assert whole.amount == unit * quantity
        return
    inside = anchor + timedelta(days=1 + cut % (whole.period.days - 1))
    rest = charge(day=inside, anchor=anchor, interval=interval, unit_amount=unit, quantity=quantity)
    used = Fraction(unit * quantity * (inside - anchor).days, whole.period.days)
    assert whole.amount == unit * quantity
    assert abs(rest.amount + used - whole.amount) <= Fraction(1, 2)


@pytest.mark.fr("FR-037")
@pytest.mark.parametrize(
    ("timezone", "before", "from_then"),
    [
        ("Pacific/Kiritimati", "2026-04-30T09:59:59", "2026-04-30T10:00:00"),
        ("Pacific/Honolulu", "2026-05-01T09:59:59", "2026-05-01T10:00:00"),
        ("Pacific/Auckland", "2026-04-30T11:59:59", "2026-04-30T12:00:00"),
        ("Europe/Berlin", "2026-04-30T21:59:59", "2026-04-30T22:00:00"),
    ],
)
def test_a_period_begins_at_local_midnight(timezone: str, before: str, from_then: str) -> None:
    first = date(2026, 4, 1)
    for text, count in ((before, 1), (from_then, 2)):
        at = datetime.fromisoformat(text).replace(tzinfo=UTC)
        assert len(lived(first, first, MONTH, timezone, at)) == count
        assert periods_begun(first_day=first, today=local_date(at, timezone), anchor=first, interval=MONTH) == count


@pytest.mark.fr("FR-037")
def test_days_of_23_and_25_hours_and_midnights_that_are_missing_are_days() -> None:
    daily = Interval(Unit.DAY)
    berlin = lived(date(2026, 3, 29), date(2026, 3, 29), daily, "Europe/Berlin", datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert berlin[0].end - berlin[0].start == timedelta(hours=23)
    autumn = lived(date(2026, 10, 25), date(2026, 10, 25), daily, "Europe/Berlin", datetime(2026, 10, 25, tzinfo=UTC))
    assert autumn[0].end - autumn[0].start == timedelta(hours=25)
    # In Santiago clocks go from 6 September 00:00 to 01:00: the day begins at 01:00.
    santiago = lived(date(2026, 9, 6), date(2026, 9, 6), daily, "America/Santiago", datetime(2026, 9, 6, 5, tzinfo=UTC))
    assert santiago[0].start == datetime(2026, 9, 6, 4, tzinfo=UTC)
    assert santiago[0].end - santiago[0].start == timedelta(hours=23)
    assert {each.charge.amount for each in (berlin[0], autumn[0], santiago[0])} == {3000}


@given(first_day=days, anchor=days, interval=intervals, after=st.integers(0, 900), timezone=st.sampled_from(ZONES))
def test_as_many_periods_begin_as_are_counted(
    first_day: date, anchor: date, interval: Interval, after: int, timezone: str
) -> None:
    today = first_day + timedelta(days=after)
    counted = periods_begun(first_day=first_day, today=today, anchor=anchor, interval=interval)
    assert counted == len(lived(first_day, anchor, interval, timezone, midnight(today, timezone)))
    assert periods_begun(first_day=today + timedelta(days=1), today=today, anchor=anchor, interval=interval) == 0


@given(
    first_day=days, interval=intervals,
    moves=st.lists(st.tuples(st.integers(1, 400), st.sampled_from(ZONES)), min_size=1, max_size=6),
)  # fmt: skip
def test_a_new_time_zone_counts_from_the_next_boundary(
    first_day: date, interval: Interval, moves: list[tuple[int, str]]
) -> None:
    day, begins = first_day, midnight(first_day, "UTC")
    at = begins
    for later, timezone in moves:
        at += timedelta(days=later)
        for each in due_periods(
            day=day, begins=begins, anchor=first_day, interval=interval, unit_amount=3000, quantity=1,
            timezone=timezone, at=at, limit=20,
        ):  # fmt: skip
            assert (each.charge.period.start, each.start) == (day, begins)
            assert each.end == max(begins, midnight(each.charge.period.end, timezone))
            day, begins = each.charge.period.end, each.end


def test_a_limit_takes_the_oldest() -> None:
    first, at = date(2026, 1, 1), datetime(2026, 6, 15, tzinfo=UTC)
    assert lived(first, first, MONTH, "UTC", at, limit=2) == lived(first, first, MONTH, "UTC", at)[:2]
