"""The last period: charged by days up to the end of the subscription, and none begins on that day."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from apps.kernel.money import MAX_AMOUNT, settle
from apps.kernel.periods import Interval, Period, Unit
from apps.subscriptions.rules.charges import charge, due_periods

pytestmark = pytest.mark.fr("SC-009")

MONTH = Interval(Unit.MONTH, 1)
APRIL = date(2026, 4, 1)


@pytest.mark.parametrize(("ends_on", "days", "amount"), [
    (None, 30, 3000), (date(2026, 4, 16), 15, 1500), (date(2026, 5, 1), 30, 3000), (date(2026, 7, 1), 30, 3000),
])  # fmt: skip
def test_the_end_cuts_a_period_and_never_makes_it_longer(ends_on: date | None, days: int, amount: int) -> None:
    found = charge(day=APRIL, anchor=APRIL, interval=MONTH, unit_amount=3000, quantity=1, ends_on=ends_on)
    assert (found.period.days, found.amount) == (days, amount)
    assert found.full == Period(APRIL, date(2026, 5, 1))


def test_no_period_begins_on_the_day_of_the_end() -> None:
    known = {
        "day": APRIL, "begins": datetime(2026, 4, 1, tzinfo=UTC), "anchor": APRIL, "interval": MONTH,
        "unit_amount": 3000, "quantity": 1, "timezone": "UTC", "at": datetime(2026, 9, 1, tzinfo=UTC),
    }  # fmt: skip
    assert due_periods(**known, ends_on=APRIL) == []  # type: ignore[arg-type]
    assert len(due_periods(**known, ends_on=date(2026, 6, 1))) == 2  # type: ignore[arg-type]
    assert len(due_periods(**known)) == 6  # type: ignore[arg-type]


def test_the_largest_amount_and_a_share_that_is_all_remainder() -> None:
    assert MAX_AMOUNT == 10**15
    assert settle(1, [Fraction(1, 2)]) == [1]
    with pytest.raises(ValueError, match="not the sum"):
        settle(2, [Fraction(1, 2)])
