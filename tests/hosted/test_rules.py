"""How an invoice stands for its payer, and letters that can be read on any brand's colour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.hosted.rules import DARK, LIGHT, State, contrast, ink, state


@pytest.mark.parametrize(
    ("status", "has_method", "under_way", "link", "expected"),
    [
        ("OPEN", True, False, "", State.DUE),
        ("OPEN", False, False, "", State.NO_METHOD),
        ("OPEN", True, True, "", State.UNDER_WAY),
        ("OPEN", False, True, "https://bank", State.CONFIRM),
        ("PAID", True, False, "", State.PAID),
        ("VOID", True, True, "https://bank", State.VOID),
    ],
)
def test_state(status: str, has_method: bool, under_way: bool, link: str, expected: State) -> None:
    assert state(status, has_method=has_method, under_way=under_way, link=link) is expected


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(DARK, LIGHT) == 21
    assert round(contrast("#777777", LIGHT), 2) == round(contrast(LIGHT, "#777777"), 2)
    assert str(round(contrast("#777777", LIGHT), 2)) == "4.48"


@given(st.integers(min_value=0, max_value=0xFFFFFF))
def test_letters_on_any_colour_are_readable(color: int) -> None:
    brand = f"#{color:06x}"
    assert contrast(brand, ink(brand)) >= 4.5
