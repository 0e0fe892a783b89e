"""One rounding, and sharing that always adds up."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.errors import Invalid
from apps.kernel.money import MAX_AMOUNT, Money, allocate, bounded, rounded, settle

amounts = st.integers(-MAX_AMOUNT, MAX_AMOUNT)
fractions = st.fractions(-(10**12), 10**12, max_denominator=10**6)
weights = st.lists(st.integers(0, 10**9) | st.decimals(0, 10**6, places=4), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("price", "used", "whole", "expected"),
    [
        (3000, 19, 30, 1900),
        (4900, 16, 30, 2613),
        (9900, 16, 30, 5280),
        (2999, 21, 31, 2032),
        (7999, 21, 31, 5419),
        (99900, 204, 365, 55835),
        (5 * 1000, 19, 29, 3276),
        (8 * 1000, 19, 29, 5241),
        (2000, 22, 31, 1419),
        (5000, 22, 31, 3548),
        (5000, 12, 31, 1935),
        (3000, 12, 31, 1161),
        (1980, 17, 30, 1122),
        (4980, 17, 30, 2822),
        (3000, 14, 28, 1500),
        (10000, 14, 30, 4667),
    ],
)
def test_the_proration_table(price: int, used: int, whole: int, expected: int) -> None:
    assert rounded(Fraction(price * used, whole)) == expected
    assert rounded(-Fraction(price * used, whole)) == -expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.5", 1), ("-0.5", -1), ("0.4999999999", 0), ("1172.5", 1173), ("2.5", 3), ("-2.5", -3), ("6172.5", 6173)],
)
def test_half_goes_up_away_from_zero(value: str, expected: int) -> None:
    assert rounded(Decimal(value)) == expected


@given(fractions)
def test_rounding_is_odd_and_near(value: Fraction) -> None:
    assert rounded(-value) == -rounded(value)
    assert abs(rounded(value) - value) <= Fraction(1, 2)


@given(amounts, weights)
def test_parts_sum_to_the_whole_and_lie_within_one_unit(total: int, parts: list[int | Decimal]) -> None:
    whole = sum(Fraction(part) for part in parts)
    if whole == 0:
        assert allocate(0, parts) == [0] * len(parts)
        return
    shared = allocate(total, parts)
    assert sum(shared) == total
    assert all(abs(part - Fraction(weight) * total / whole) < 1 for part, weight in zip(shared, parts, strict=True))
    assert allocate(total, [-part for part in parts]) == shared


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_equal_weights_differ_by_one_unit_at_most_and_the_earlier_gets_more(total: int, weights: list[int]) -> None:
    shared = allocate(total, [7] * len(weights))
    assert max(shared) - min(shared) <= 1
    assert shared == sorted(shared, reverse=True)


def test_tax_of_three_lines_is_shared_by_largest_remainder() -> None:
    assert allocate(190, [333, 333, 334]) == [63, 63, 64]
    assert settle(190, [Fraction(line * 19, 100) for line in (333, 333, 334)]) == [63, 63, 64]


def test_inclusive_prices_give_nets_that_sum() -> None:
    gross = [333, 333, 334]
    tax = rounded(Fraction(sum(gross) * 19, 119))
    assert tax == 160
    parts = settle(tax, [Fraction(line * 19, 119) for line in gross])
    assert [line - part for line, part in zip(gross, parts, strict=True)] == [280, 280, 280]


def test_partial_credits_take_back_the_whole_tax() -> None:
    cumulative = [rounded(Fraction(190 * net, 1000)) for net in (0, 333, 666, 1000)]
    assert [after - before for before, after in pairwise(cumulative)] == [63, 64, 63]


def test_sharing_over_nothing_or_over_both_signs_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to share"):
        allocate(5, [0, 0])
    with pytest.raises(ValueError, match="both signs"):
        allocate(5, [1, -1])
    with pytest.raises(ValueError, match="not the sum"):
        settle(9, [Fraction(1), Fraction(1)])
    with pytest.raises(ValueError, match="nothing to share"):
        allocate(5, [])


@pytest.mark.parametrize("amount", [MAX_AMOUNT + 1, -MAX_AMOUNT - 1])
def test_an_amount_too_large_is_refused(amount: int) -> None:
    for make in (lambda: bounded(amount), lambda: Money(amount, "USD")):
        with pytest.raises(Invalid) as refused:
            make()
        assert refused.value.code == "amount_too_large"
    assert bounded(MAX_AMOUNT) == MAX_AMOUNT


@pytest.mark.parametrize("amount", [1.0, True, Decimal(1), "1"])
def test_money_is_whole_units(amount: object) -> None:
    with pytest.raises(TypeError):
        Money(amount, "USD")  # type: ignore[arg-type]


@given(st.integers(-(10**14), 10**14), st.integers(-(10**14), 10**14))
def test_money_adds_and_compares_within_a_currency(one: int, other: int) -> None:
    left, right = Money(one, "EUR"), Money(other, "EUR")
    assert (left + right) - right == left
    assert left + -left == Money(0, "EUR")
    assert (left < right) is (one < other)
    assert (left <= right) is (one <= other)
    with pytest.raises(ValueError, match="cannot be mixed"):
        left + Money(other, "USD")


def test_times_rounds_once() -> None:
    assert Money(1000, "EUR").times(Decimal("0.19")) == Money(190, "EUR")
    assert Money(-333, "EUR").times(Fraction(1, 2)) == Money(-167, "EUR")


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "4900 JPY"), ("USD", "49.00 USD"), ("KWD", "4.900 KWD")])
def test_major_units_have_the_digits_of_the_currency(currency: str, shown: str) -> None:
    assert str(Money(4900, currency)) == shown


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        Money(1, "XXX")
    assert refused.value.code == "currency_unknown"
