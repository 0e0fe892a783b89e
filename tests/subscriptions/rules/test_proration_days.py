"""Edges of proration: days on the very boundary, what a discount and a note leave, and what counts as the same."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from apps.kernel.periods import Interval, Period, Unit
from apps.subscriptions.rules.proration import Priced, Stretch, Terms, first_day, is_billed, releases

APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))
FIRST, MID, LAST = date(2026, 4, 1), date(2026, 4, 15), date(2026, 5, 1)
LINE = Priced(uuid4(), 4900, 1, APRIL, APRIL, plan_version_id="v1")
TERMS = Terms("v1", 4900, 1)
MONTH = Interval(Unit.MONTH)


def cut(line: Priced, since: date, days: Period = APRIL) -> tuple[int, int, int]:
    (release,) = releases([Stretch(days, line)], since=since)
    return release.credit, release.discount, release.lost_before


def test_a_stretch_that_ends_on_the_day_is_left_alone() -> None:
    assert releases([Stretch(APRIL, LINE)], since=LAST) == []
    (release,) = releases([Stretch(APRIL, LINE)], since=FIRST)
    assert (release.kept, release.released) == (None, APRIL)
    (release,) = releases([Stretch(APRIL, LINE)], since=MID)
    assert (release.kept, release.released) == (Period(FIRST, MID), Period(MID, LAST))


def test_the_second_cut_counts_the_days_lost_before() -> None:
    assert cut(LINE, MID) == (2613, 0, 0)
    assert cut(LINE, date(2026, 4, 10), Period(FIRST, MID)) == (817, 0, 16)  # price of 21 days less that of 16


def test_a_line_without_discount_or_note_gives_back_its_price() -> None:
    assert cut(LINE, FIRST) == (4900, 0, 0)


def test_free_days_give_back_neither_price_nor_discount_nor_days() -> None:
    (release,) = releases([Stretch(APRIL, None)], since=MID)
    assert (release.credit, release.discount, release.lost_before) == (0, 0, 0)


def test_what_a_note_took_back_is_not_credited_again() -> None:
    half = replace(LINE, discount=2450)
    assert cut(half, MID) == (2613, 1306, 0)
    noted = replace(LINE, noted=4000)
    assert cut(noted, MID) == (2613, 1713, 0)  # 900 are left to credit
    assert cut(replace(LINE, noted=4900), MID) == (2613, 2613, 0)
    assert cut(replace(LINE, noted=9000), FIRST) == (4900, 4900, 0)
    assert cut(replace(noted, noted=2000), date(2026, 4, 10), Period(FIRST, MID)) == (817, 530, 16)  # 287 are left
    assert cut(replace(noted, noted=200), date(2026, 4, 10), Period(FIRST, MID)) == (817, 0, 16)


@pytest.mark.parametrize(
    ("stretches", "expected"),
    [
        ([Stretch(APRIL, LINE)], True),
        ([Stretch(Period(MID, LAST), LINE), Stretch(Period(FIRST, MID), LINE)], True),
        ([], False),
        ([Stretch(Period(FIRST, MID), LINE)], False),
        ([Stretch(Period(MID, LAST), LINE)], False),
        ([Stretch(Period(FIRST, MID), LINE), Stretch(Period(date(2026, 4, 16), LAST), LINE)], False),
        ([Stretch(Period(FIRST, date(2026, 5, 2)), LINE)], False),
        ([Stretch(Period(date(2026, 3, 1), FIRST), None), Stretch(APRIL, LINE)], True),
        ([Stretch(Period(date(2026, 3, 31), LAST), LINE)], True),
        ([Stretch(APRIL, replace(LINE, quantity=2))], False),
        ([Stretch(APRIL, replace(LINE, unit_amount=1))], False),
        ([Stretch(APRIL, replace(LINE, plan_version_id="v2"))], False),
        ([Stretch(APRIL, replace(LINE, full=Period(FIRST, date(2027, 4, 1))))], False),
        ([Stretch(APRIL, None)], False),
    ],
)  # fmt: skip
def test_what_stands_as_agreed(stretches: list[Stretch], expected: bool) -> None:
    assert is_billed(stretches, TERMS, APRIL, APRIL) is expected


def test_free_days_stand_as_agreed_only_where_nothing_is_agreed() -> None:
    assert is_billed([Stretch(APRIL, None)], Terms("v1", 0, 1), APRIL, APRIL)


def test_a_change_counts_from_today_or_from_the_current_period() -> None:
    for today, expected in ((MID, MID), (date(2026, 3, 31), FIRST), (FIRST, FIRST)):
        assert first_day(today=today, billed_to=LAST, anchor=FIRST, interval=MONTH) == expected


def test_the_current_period_is_that_of_the_last_billed_day() -> None:
    assert first_day(today=MID, billed_to=date(2026, 5, 2), anchor=FIRST, interval=MONTH) == LAST
    assert first_day(today=MID, billed_to=LAST, anchor=FIRST, interval=Interval(Unit.DAY)) == date(2026, 4, 30)


def test_a_line_without_discount_or_of_nothing_is_its_price() -> None:
    assert LINE.net(16) == 2613
    assert replace(LINE, discount=4900).net(16) == 0
    assert replace(LINE, discount=1).net(30) == 4899
    assert replace(LINE, unit_amount=0, discount=5).net(16) == 0
