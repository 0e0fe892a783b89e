"""No cell of an export is a formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.cells import cell


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"), ("+cmd|'/C calc'!A0", "'+cmd|'/C calc'!A0"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"), ("\uff1d1", "'\uff1d1"), ("-12.50", "-12.50"), ("+3", "+3"), ("Ada = Eve", "Ada = Eve"),
        ("", ""), (None, ""), (-5, -5), (0, 0),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_text(value: object, shown: object) -> None:
    assert cell(value) == shown


@given(st.text())
def test_no_text_stays_a_formula(text: str) -> None:
    shown = str(cell(text))
    assert shown in (text, f"'{text}")
    assert not shown.startswith(("=", "@", "\t", "\r"))
