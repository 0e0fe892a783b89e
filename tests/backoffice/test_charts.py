"""Charts as figures: bars within their frame, round numbers beside them, limits where they belong."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.backoffice.charts import HEIGHT, LEFT, RIGHT, TOP, WIDTH, bars, gauge, rounded_up

amounts = st.decimals(-5, 10**12, places=3)


@given(st.lists(amounts, max_size=62))
def test_bars_stay_within_their_frame_and_are_in_proportion(values: list[Decimal]) -> None:
    chart = bars([(str(index), value) for index, value in enumerate(values)])
    assert len(chart.bars) == len(values)
    assert len(chart.names) <= 8
    tallest = max(values, default=Decimal(0))
    for bar, value in zip(chart.bars, values, strict=True):
        assert Decimal(bar.x) >= LEFT
        assert Decimal(bar.x) + Decimal(bar.width) <= WIDTH - RIGHT + Decimal("0.02")
        assert TOP - Decimal("0.02") <= Decimal(bar.y)
        assert Decimal(bar.y) + Decimal(bar.height) <= Decimal(chart.floor) + Decimal("0.02")
        whole = (HEIGHT - TOP - (HEIGHT - chart.floor)) * max(value, Decimal(0)) / rounded_up(tallest)
        assert abs(Decimal(bar.height) - whole) <= Decimal("0.01")
    assert chart.lines[0].text == "0"


@pytest.mark.parametrize(
    ("value", "top"), [("0", 1), ("-3", 1), ("1", 1), ("1.2", 2), ("3", 4), ("950", 1000), ("0.05", "0.06"), ("41", 60)]
)
def test_the_top_is_a_round_number_above(value: str, top: object) -> None:
    assert rounded_up(Decimal(value)) == Decimal(str(top))


def test_limits_are_where_they_belong_and_say_whether_they_are_passed() -> None:
    found = gauge(Decimal(50), [("cap", Decimal(100)), ("free", Decimal(50))])
    assert found is not None
    assert [(limit.text, limit.passed) for limit in found.limits] == [("free", True), ("cap", False)]
    assert found.filled == found.limits[0].place == "48.08"
    beyond = gauge(Decimal(200), [("cap", Decimal(100))])
    assert beyond is not None
    assert (beyond.filled, beyond.limits[0].place) == ("96.15", "48.08")
    assert gauge(Decimal(5), []) is None
