"""Calendar arithmetic: anchors never drift, and every local day has a first instant."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.errors import Invalid
from apps.kernel.periods import (
    Interval,
    Period,
    Unit,
    anchored,
    boundary,
    index_of,
    known_zones,
    local_date,
    midnight,
    zone,
)

MONTH, QUARTER, YEAR = Interval(Unit.MONTH), Interval(Unit.MONTH, 3), Interval(Unit.YEAR)
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
intervals = st.builds(Interval, st.sampled_from(Unit), st.integers(1, 24))
zones = st.sampled_from(sorted(known_zones()))


@pytest.mark.parametrize(
    ("anchor", "interval", "expected"),
    [
        (date(2026, 1, 31), MONTH, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        (date(2028, 1, 31), MONTH, ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]),
        (date(2024, 2, 29), YEAR, ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        (date(2026, 11, 30), QUARTER, ["2026-11-30", "2027-02-28", "2027-05-30", "2027-08-30", "2027-11-30"]),
        (date(2026, 12, 28), Interval(Unit.WEEK, 2), ["2026-12-28", "2027-01-11", "2027-01-25"]),
    ],
)
def test_boundaries_come_from_the_anchor(anchor: date, interval: Interval, expected: list[str]) -> None:
    assert [str(boundary(anchor, interval, k)) for k in range(len(expected))] == expected


def test_boundaries_before_the_anchor() -> None:
    assert boundary(date(2026, 3, 31), MONTH, -1) == date(2026, 2, 28)
    assert boundary(date(2026, 1, 31), MONTH, -2) == date(2025, 11, 30)


@given(days, intervals, st.integers(-60, 60))
def test_boundaries_rise_and_their_index_is_found_again(anchor: date, interval: Interval, k: int) -> None:
    start, end = boundary(anchor, interval, k), boundary(anchor, interval, k + 1)
    assert start < end
    assert index_of(anchor, interval, start) == k
    assert index_of(anchor, interval, end - timedelta(days=1)) == k


@given(days, intervals, days)
def test_each_day_lies_in_one_anchored_period(anchor: date, interval: Interval, day: date) -> None:
    period = anchored(anchor, interval, day)
    assert day in period
    assert period.end == anchored(anchor, interval, period.end).start


@pytest.mark.parametrize(
    ("period", "length"),
    [
        (anchored(date(2026, 4, 1), MONTH, date(2026, 4, 15)), 30),
        (anchored(date(2026, 1, 31), MONTH, date(2026, 3, 10)), 31),
        (anchored(date(2026, 1, 10), YEAR, date(2026, 6, 20)), 365),
        (anchored(date(2028, 2, 1), MONTH, date(2028, 2, 11)), 29),
    ],
)
def test_lengths_of_the_proration_table(period: Period, length: int) -> None:
    assert period.days == length


@pytest.mark.parametrize(
    ("day", "timezone", "instant"),
    [
        # Missing midnights: the clock jumped from 24:00 to 01:00.
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T03:00:00+00:00"),
        (date(2024, 3, 31), "Asia/Beirut", "2024-03-30T22:00:00+00:00"),
        (date(2024, 4, 26), "Africa/Cairo", "2024-04-25T22:00:00+00:00"),
        # The clock jumped from 23:30 to 00:30: the day began in the middle of its first hour.
        (date(1919, 3, 31), "America/Toronto", "1919-03-31T04:30:00+00:00"),
        # Midnight twice: the first of them.
        (date(2018, 2, 18), "America/Sao_Paulo", "2018-02-18T03:00:00+00:00"),
        (date(2024, 11, 3), "America/Havana", "2024-11-03T04:00:00+00:00"),
        # Days of 23 and 25 hours.
        (date(2026, 4, 5), "Pacific/Auckland", "2026-04-04T11:00:00+00:00"),
        (date(2026, 4, 6), "Pacific/Auckland", "2026-04-05T12:00:00+00:00"),
        (date(2026, 9, 27), "Pacific/Auckland", "2026-09-26T12:00:00+00:00"),
        (date(2026, 9, 28), "Pacific/Auckland", "2026-09-27T11:00:00+00:00"),
        # Samoa had no 30 December 2011: it begins, and ends, when the 31st begins.
        (date(2011, 12, 29), "Pacific/Apia", "2011-12-29T10:00:00+00:00"),
        (date(2011, 12, 30), "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
        (date(2011, 12, 31), "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
    ],
)
def test_the_first_instant_of_a_local_day(day: date, timezone: str, instant: str) -> None:
    assert midnight(day, timezone).isoformat() == instant


@pytest.mark.parametrize("timezone", ["Africa/Cairo", "Asia/Beirut"])
def test_the_second_before_a_double_or_missing_midnight_is_the_day_before(timezone: str) -> None:
    for offset in range(366):
        day = date(2024, 1, 1) + timedelta(days=offset)
        first = midnight(day, timezone)
        assert local_date(first, timezone) == day
        assert all(
            local_date(first - timedelta(seconds=before), timezone) < day or _repeated(first, timezone)
            for before in (1, 60, 1800)
        )


@given(st.dates(date(1972, 1, 1), date(2037, 12, 31)), zones)
def test_every_midnight_is_the_first_instant_of_its_date(day: date, timezone: str) -> None:
    first = midnight(day, timezone)
    assert first.tzinfo is UTC
    shown = local_date(first, timezone)
    # Only a date that was skipped altogether shows the one after it.
    assert shown == day or (shown == day + timedelta(days=1) and midnight(shown, timezone) == first)
    naive = datetime.combine(day, datetime.min.time())
    assert first <= naive.replace(tzinfo=ZoneInfo(timezone), fold=0).astimezone(UTC) or shown == day
    assert midnight(day + timedelta(days=1), timezone) >= first


@given(st.integers(2 * 86400, 2**31), zones)
def test_an_instant_lies_in_its_local_date(seconds: int, timezone: str) -> None:
    instant = datetime.fromtimestamp(seconds, UTC)
    day = local_date(instant, timezone)
    assert midnight(day, timezone) <= instant


def _repeated(first: datetime, timezone: str) -> bool:
    """Whether the clock stepped back over midnight, so that a bit of the same date had been seen already."""
    local = first.astimezone(zone(timezone))
    return local.utcoffset() != (first - timedelta(hours=1)).astimezone(zone(timezone)).utcoffset()


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        zone("Mars/Olympus")
    assert refused.value.code == "timezone_unknown"
    assert refused.value.hint


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory"])
def test_names_that_depend_on_the_machine_are_no_zones(name: str) -> None:
    with pytest.raises(Invalid):
        zone(name)


def test_periods_overlap_and_intersect() -> None:
    april, half = Period(date(2026, 4, 1), date(2026, 5, 1)), Period(date(2026, 4, 15), date(2026, 5, 15))
    may = Period(date(2026, 5, 1), date(2026, 6, 1))
    assert april.overlaps(half)
    assert not april.overlaps(may)
    assert not may.overlaps(april)
    assert april.intersection(half) == Period(date(2026, 4, 15), date(2026, 5, 1))
    assert april.intersection(may) is None
    assert date(2026, 5, 1) not in april


@pytest.mark.parametrize("end", [date(2026, 4, 1), date(2026, 3, 31)])
def test_an_empty_period_is_refused(end: date) -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        Period(date(2026, 4, 1), end)


def test_days_and_weeks_have_a_length_and_months_have_none() -> None:
    assert [Interval(unit, 3).days for unit in (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR)] == [3, 21, None, None]
    assert [Interval(unit, 3).months for unit in (Unit.MONTH, Unit.YEAR)] == [3, 36]


def test_an_interval_has_a_count() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Interval(Unit.DAY, 0)
    assert Interval(Unit.MONTH, 12) != Interval(Unit.YEAR)
