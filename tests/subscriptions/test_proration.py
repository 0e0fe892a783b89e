"""Proration to the cent: the table of the rules, and what holds for any sequence of changes."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.money import rounded
from apps.kernel.periods import Interval, Period, Unit, anchored
from apps.subscriptions.rules.charges import charge
from apps.subscriptions.rules.proration import Priced, Release, Stretch, first_day, releases

MONTHLY = Interval(Unit.MONTH)
YEARLY = Interval(Unit.YEAR)


def stretch(day: date, unit_amount: int, quantity: int, anchor: date, interval: Interval = MONTHLY) -> Stretch:
    """What is billed from `day` to the end of the anchored period."""
    made = charge(day=day, anchor=anchor, interval=interval, unit_amount=unit_amount, quantity=quantity)
    return Stretch(made.period, Priced(uuid4(), unit_amount, quantity, made.period, made.full))


def one(found: list[Release]) -> Release:
    assert len(found) == 1
    return found[0]


@pytest.mark.fr("FR-041", "SC-009")
@pytest.mark.parametrize(
    ("anchor", "interval", "begins", "since", "old", "new", "credit", "charged"),
    [
        (date(2026, 4, 1), MONTHLY, date(2026, 4, 1), date(2026, 4, 15), (4900, 1), (9900, 1), 2613, 5280),
        (date(2026, 1, 31), MONTHLY, date(2026, 2, 28), date(2026, 3, 10), (2999, 1), (7999, 1), 2032, 5419),
        (date(2026, 1, 10), YEARLY, date(2026, 1, 10), date(2026, 6, 20), (99900, 1), (99900, 2), 55835, 111669),
        (date(2028, 2, 1), MONTHLY, date(2028, 2, 1), date(2028, 2, 11), (1000, 5), (1000, 8), 3276, 5241),
        (date(2026, 7, 1), MONTHLY, date(2026, 7, 1), date(2026, 7, 10), (1000, 2), (1000, 5), 1419, 3548),
        (date(2026, 7, 1), MONTHLY, date(2026, 7, 10), date(2026, 7, 20), (1000, 5), (1000, 3), 1935, 1161),
        (date(2026, 4, 1), MONTHLY, date(2026, 4, 1), date(2026, 4, 14), (1980, 1), (4980, 1), 1122, 2822),
    ],
)
def test_the_table(
    anchor: date, interval: Interval, begins: date, since: date, old: tuple[int, int], new: tuple[int, int],
    credit: int, charged: int,
) -> None:  # fmt: skip
    found = one(releases([stretch(begins, *old, anchor, interval)], since=since))
    made = charge(day=found.released.start, anchor=anchor, interval=interval, unit_amount=new[0], quantity=new[1])
    assert (found.credit, made.amount) == (credit, charged)
    assert (found.kept, found.released) == (Period(begins, since), made.period)


def test_from_the_first_day_the_whole_is_given_back() -> None:
    found = one(releases([stretch(date(2026, 9, 12), 3000, 1, date(2026, 9, 1))], since=date(2026, 9, 12)))
    assert (found.kept, found.credit) == (None, 1900)


def test_days_before_are_left_alone() -> None:
    used = stretch(date(2026, 4, 1), 4900, 1, date(2026, 4, 1))
    assert releases([used], since=date(2026, 5, 1)) == []


def test_days_that_cost_nothing_give_nothing_back() -> None:
    free = Stretch(Period(date(2026, 4, 1), date(2026, 5, 1)), None)
    found = one(releases([free], since=date(2026, 4, 15)))
    assert (found.credit, found.kept) == (0, Period(date(2026, 4, 1), date(2026, 4, 15)))


@pytest.mark.parametrize(
    ("today", "counts_from"),
    [(date(2026, 4, 30), date(2026, 5, 1)), (date(2026, 5, 1), date(2026, 5, 1)), (date(2026, 5, 9), date(2026, 5, 9)),
     (date(2026, 6, 1), date(2026, 6, 1))],
)  # fmt: skip
def test_a_period_that_is_over_is_not_touched_from_further_west(today: date, counts_from: date) -> None:
    anchor = date(2026, 4, 1)
    assert first_day(today=today, billed_to=date(2026, 6, 1), anchor=anchor, interval=MONTHLY) == counts_from


intervals = st.builds(Interval, st.sampled_from(Unit), st.integers(1, 3))
days = st.dates(date(2024, 1, 1), date(2032, 12, 31))


@st.composite
def lives(draw: st.DrawFn) -> tuple[date, Interval, date, int, list[tuple[date, int]]]:
    """An anchored period, from which of its days it is billed, and what changes on which of them."""
    anchor, interval, day = draw(days), draw(intervals), draw(days)
    full = anchored(anchor, interval, day)
    changes = draw(st.lists(st.tuples(st.integers(0, (full.end - day).days - 1), st.integers(1, 500)), max_size=6))
    return day, interval, anchor, draw(st.integers(0, 99_999)), [
        (day + timedelta(days=offset), quantity) for offset, quantity in sorted(changes)
    ]  # fmt: skip


@pytest.mark.fr("FR-041", "SC-009")
@given(life=lives(), first=st.integers(1, 500))
def test_any_changes_cost_what_was_in_force_each_day(
    life: tuple[date, Interval, date, int, list[tuple[date, int]]], first: int
) -> None:
    begins, interval, anchor, price, changes = life
    full = anchored(anchor, interval, begins)
    standing = [stretch(begins, price, first, anchor, interval)]
    charged: dict[UUID, int] = {}
    credited: dict[UUID, int] = {}

    def bill(made: Stretch) -> None:
        assert made.charged
        charged[made.charged.line_id] = made.charged.amount(made.days.days)

    bill(standing[0])
    for since, quantity in changes:
        for cut in releases(standing, since=since):
            assert cut.stretch.charged
            assert cut.credit >= 0
            credited[cut.stretch.charged.line_id] = credited.get(cut.stretch.charged.line_id, 0) + cut.credit
            standing.remove(cut.stretch)
            if cut.kept:
                standing.append(Stretch(cut.kept, cut.stretch.charged))
        standing.append(stretch(since, price, quantity, anchor, interval))
        bill(standing[-1])
        # Days touch without gap or overlap.
        ordered = sorted(standing, key=lambda each: each.days)
        assert (ordered[0].days.start, ordered[-1].days.end) == (begins, full.end)
        assert all(left.days.end == right.days.start for left, right in pairwise(ordered))
    assert all(credited.get(line, 0) <= amount for line, amount in charged.items())
    in_force = dict([(begins, first), *changes])
    exact, quantity = Fraction(0), first
    for offset in range((full.end - begins).days):
        quantity = in_force.get(begins + timedelta(days=offset), quantity)
        exact += Fraction(price * quantity, full.days)
    cost = sum(charged.values()) - sum(credited.values())
    assert abs(cost - exact) <= Fraction(1, 2) + len(changes)


@pytest.mark.fr("SC-009")
@given(
    day=days, anchor=days, price=st.integers(0, 10**6), quantity=st.integers(1, 999),
    cuts=st.lists(st.integers(0, 400), min_size=1, max_size=8),
)  # fmt: skip
def test_a_line_cut_again_and_again_is_credited_exactly_what_it_charged(
    day: date, anchor: date, price: int, quantity: int, cuts: list[int]
) -> None:
    whole = stretch(day, price, quantity, anchor)
    assert whole.charged
    standing, credited = [whole], 0
    for back in [*sorted(cuts, reverse=True), 0]:
        for cut in releases(standing, since=day + timedelta(days=back)):
            assert cut.credit >= 0
            credited += cut.credit
            standing = [Stretch(cut.kept, whole.charged)] if cut.kept else []
    assert standing == []
    assert credited == whole.charged.amount(whole.days.days)
    assert credited == rounded(Fraction(price * quantity * whole.days.days, whole.charged.full.days))
