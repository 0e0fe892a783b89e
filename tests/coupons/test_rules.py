"""What comes off, without a database."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.coupons.rules import Attached, Discountable, discounts, problems

PLAN, OTHER = uuid4(), uuid4()
COUPON = Attached(uuid4(), uuid4(), "HALF", Decimal(50), None, "once", 1, None, frozenset())


def percent(value: str, **more: object) -> Attached:
    return replace(COUPON, id=uuid4(), percent_off=Decimal(value), **more)  # type: ignore[arg-type]


def fixed(amount: int, **more: object) -> Attached:
    return replace(
        COUPON, id=uuid4(), percent_off=None, amount_off=amount, amount_left=amount, periods_left=None, **more
    )  # type: ignore[arg-type]


def renewal(amount: int, plan: UUID = PLAN) -> Discountable:
    return Discountable(amount, plan, "renewal")


def proration(amount: int) -> Discountable:
    return Discountable(amount, PLAN, "proration")


def test_half_of_what_is_charged() -> None:
    found = discounts([renewal(4900)], [COUPON])
    assert (found.per_line, found.uses, found.parts) == ([2450], [(COUPON.id, 2450)], [[(COUPON.id, 2450)]])


def test_a_fixed_amount_takes_what_is_there() -> None:
    off = fixed(5000)
    assert discounts([renewal(3000)], [off]).uses == [(off.id, 3000)]
    assert discounts([proration(3000)], [off]).uses == []
    assert discounts([proration(3000)], [off]).per_line == [0]


def test_a_percentage_comes_off_prorations_without_being_used() -> None:
    found = discounts([proration(1000)], [COUPON])
    assert (found.per_line, found.uses) == ([500], [])


def test_a_renewal_among_prorations_uses_a_percentage() -> None:
    assert discounts([proration(1000), renewal(1000)], [COUPON]).uses == [(COUPON.id, 1000)]


def test_an_amount_used_up_takes_nothing_more() -> None:
    off = replace(fixed(1000), amount_left=0)
    assert discounts([renewal(3000)], [off]) == discounts([renewal(3000)], [replace(off, amount_left=None)])
    assert discounts([renewal(3000)], [off]).per_line == [0]


def test_in_the_order_they_were_attached() -> None:
    first, second = fixed(1000), percent("10")
    assert discounts([renewal(3000)], [first, second]).per_line == [1000 + 200]
    assert discounts([renewal(3000)], [second, first]).per_line == [300 + 1000]


def test_only_the_lines_of_its_plans() -> None:
    off = percent("100", plan_ids=frozenset({OTHER}))
    found = discounts([renewal(100), renewal(50, OTHER)], [off])
    assert (found.per_line, found.uses) == ([0, 50], [(off.id, 50)])
    assert discounts([renewal(100)], [off]).uses == []


def test_the_rest_goes_by_largest_remainder() -> None:
    assert discounts([renewal(333), renewal(333), renewal(334)], [fixed(100)]).per_line == [33, 33, 34]
    assert discounts([renewal(1), renewal(1), renewal(1)], [percent("50")]).per_line == [1, 1, 0]


def test_what_is_free_already_uses_nothing() -> None:
    assert discounts([renewal(100)], [percent("100"), COUPON]).uses[1:] == []


COUPONS = st.one_of(
    st.integers(1, 10_000).map(lambda part: percent(str(Decimal(part) / 100))),
    st.integers(1, 10**6).map(fixed),
)
LINES = st.builds(Discountable, st.integers(0, 10**6), st.just(PLAN), st.sampled_from(["renewal", "proration"]))


@pytest.mark.fr("B-09")
@given(st.lists(LINES, max_size=6), st.lists(COUPONS, max_size=4))
def test_parts_sum_to_the_whole_and_nothing_falls_below_zero(
    lines: list[Discountable], attached: list[Attached]
) -> None:
    found = discounts(lines, attached)
    for line, off, parts in zip(lines, found.per_line, found.parts, strict=True):
        assert 0 <= off <= line.amount
        assert off == sum(amount for _, amount in parts)
    for each in attached:
        given_in_all = sum(amount for parts in found.parts for which, amount in parts if which == each.id)
        assert each.amount_left is None or given_in_all <= each.amount_left
        assert [amount for which, amount in found.uses if which == each.id] in ([], [given_in_all])


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6), st.integers(1, 10_000))
def test_a_percentage_is_rounded_once(amounts: list[int], hundredths: int) -> None:
    off = percent(str(Decimal(hundredths) / 100))
    whole = sum(discounts([renewal(amount) for amount in amounts], [off]).per_line)
    assert abs(Fraction(sum(amounts) * hundredths, 10_000) - whole) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ({"percent_off": Decimal(5), "duration": "once"}, []),
        ({"percent_off": Decimal("0.01"), "duration": "once"}, []),
        ({"percent_off": Decimal(100), "duration": "once"}, []),
        ({"percent_off": Decimal(5), "amount_off": 1, "currency": "USD", "duration": "once"}, ["/percent_off"]),
        ({"duration": "once"}, ["/percent_off"]),
        ({"percent_off": Decimal(101), "duration": "forever"}, ["/percent_off"]),
        ({"percent_off": Decimal(0), "duration": "forever"}, ["/percent_off"]),
        ({"amount_off": 5, "duration": "once"}, ["/currency"]),
        ({"amount_off": 5, "currency": "ABC", "duration": "once"}, ["/currency"]),
        ({"percent_off": Decimal(5), "duration": "repeating"}, ["/duration_periods"]),
        ({"percent_off": Decimal(5), "duration": "once", "duration_periods": 3}, ["/duration_periods"]),
    ],
)
def test_problems(document: dict[str, object], pointers: list[str]) -> None:
    assert [problem.pointer for problem in problems(document)] == pointers
