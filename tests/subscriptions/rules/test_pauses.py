"""What ends a pause, and which dates may be asked for."""

from datetime import date, timedelta

import pytest

from apps.kernel.errors import Invalid
from apps.subscriptions.rules.pauses import Wake, demand_resume_date, gives_up_on, wakes

BEGAN = date(2026, 1, 1)


def test_still_paused_on_1_april_and_cancelled_on_the_2nd() -> None:
    assert gives_up_on(BEGAN) == date(2026, 4, 2)
    # The span counts days, whatever the calendar: the same over a leap day.
    assert gives_up_on(date(2028, 1, 1)) == date(2028, 4, 1)


@pytest.mark.parametrize(
    ("cancels", "ends", "resumes", "expected"),
    [
        (None, None, None, (date(2026, 4, 2), Wake.GIVE_UP)),
        (None, None, date(2026, 4, 2), (date(2026, 4, 2), Wake.RESUME)),
        (None, None, date(2026, 2, 1), (date(2026, 2, 1), Wake.RESUME)),
        (date(2026, 2, 1), date(2026, 2, 1), date(2026, 2, 1), (date(2026, 2, 1), Wake.CANCEL)),
        (None, date(2026, 2, 1), date(2026, 2, 1), (date(2026, 2, 1), Wake.EXPIRE)),
        (date(2026, 3, 1), None, date(2026, 2, 1), (date(2026, 2, 1), Wake.RESUME)),
        (date(2026, 5, 1), None, None, (date(2026, 4, 2), Wake.GIVE_UP)),
    ],
)
def test_the_earliest_wins_and_an_end_goes_before_going_on(
    cancels: date | None, ends: date | None, resumes: date | None, expected: tuple[date, Wake]
) -> None:
    assert wakes(paused_on=BEGAN, resumes_on=resumes, cancels_on=cancels, ends_on=ends) == expected


@pytest.mark.parametrize("days", [1, 2, 90, 91])
def test_a_date_within_the_pause_is_taken(days: int) -> None:
    demand_resume_date(BEGAN + timedelta(days=days), paused_on=BEGAN)


@pytest.mark.parametrize(("days", "says"), [(-1, "is not after"), (0, "is not after"), (92, "lies after 2026-04-02")])
def test_a_date_outside_is_refused_with_the_last_one(days: int, says: str) -> None:
    with pytest.raises(Invalid) as refusal:
        demand_resume_date(BEGAN + timedelta(days=days), paused_on=BEGAN)
    assert says in refusal.value.detail
    assert "up to 2026-04-02" in refusal.value.hint
    assert refusal.value.errors[0].pointer == "/resume_at"
