"""Exponents of ISO 4217, and how a currency is refused."""

import pytest

from apps.kernel.currencies import CURRENCIES, currency
from apps.kernel.errors import Invalid


@pytest.mark.parametrize(("code", "exponent"), [("JPY", 0), ("USD", 2), ("EUR", 2), ("KWD", 3), ("CLP", 0), ("TND", 3)])
def test_exponents(code: str, exponent: int) -> None:
    assert currency(code).exponent == exponent


def test_codes_are_three_capitals() -> None:
    assert all(len(code) == 3 and code.isupper() and code == each.code for code, each in CURRENCIES.items())


@pytest.mark.parametrize("code", ["usd", "US", "XXX", "", "DEM"])
def test_others_are_refused_with_a_hint(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        currency(code)
    assert (refused.value.code, refused.value.status) == ("currency_unknown", 422)
    assert refused.value.hint
