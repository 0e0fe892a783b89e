"""Why a run comes to another sum than the cycle before: each cause by itself, and that they always add up."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.invoices.rules import LineKind
from apps.subscriptions.rules.forecast import Bill, Cause, Forecast, Thresholds, beyond, bill, difference

pytestmark = pytest.mark.fr("B-05")


@dataclass(frozen=True)
class Made:
    """A line as rules read it."""

    amount: int
    kind: str = LineKind.RECURRING
    quantity: Decimal = Decimal(1)
    unit_amount: Decimal | None = None
    discount_amount: int = 0
    tax_amount: int = 0


def cycle(unit: int, quantity: int = 1, *, amount: int | None = None, discount: int = 0, tax: int = 0) -> Made:
    charged = unit * quantity if amount is None else amount
    return Made(
        charged, quantity=Decimal(quantity), unit_amount=Decimal(unit), discount_amount=discount, tax_amount=tax
    )


def why(before: list[Made], after: list[Made]) -> dict[str, int]:
    """The causes that are not zero."""
    return {cause.value: amount for cause, amount in difference(bill(before), bill(after)).items() if amount}


@pytest.mark.parametrize(
    ("before", "after", "causes"),
    [
        ([cycle(4900)], [cycle(4900)], {}),
        ([cycle(4900)], [cycle(9900)], {"price": 5000}),
        ([cycle(1000, 5)], [cycle(1000, 8)], {"quantity": 3000}),
        # The price at the old quantity, the quantity at the new price.
        ([cycle(1000, 5)], [cycle(1100, 8)], {"price": 500, "quantity": 3300}),
        # A first period of 19 days of 30.
        ([cycle(3000, amount=1900)], [cycle(3000)], {"proration": 1100}),
        ([cycle(3000, amount=1900)], [cycle(6000)], {"price": 1900, "proration": 2200}),
        ([cycle(4900, discount=2450)], [cycle(4900)], {"discount": 2450}),
        ([cycle(4900, tax=931)], [cycle(4900, tax=980)], {"tax": 49}),
        # Prices that hold their tax: what was charged of them is net, before and after.
        ([cycle(1190, amount=1000, tax=190)], [cycle(2380, amount=2000, tax=380)], {"price": 1000, "tax": 190}),
        ([cycle(100), Made(700, LineKind.USAGE)], [cycle(100), Made(500, LineKind.MINIMUM)], {"usage": -200}),
        ([cycle(100)], [cycle(100), Made(50, LineKind.ONE_OFF)], {"one_off": 50}),
        ([cycle(100)], [cycle(100), Made(-5, LineKind.TAX_CORRECTION)], {"tax": -5}),
        ([cycle(100), Made(-30, LineKind.PRORATION_CREDIT)], [cycle(100)], {"proration": 30}),
        # The last recurring line is the cycle's; others were left from before.
        ([cycle(500, amount=200), cycle(900)], [cycle(900)], {"proration": -200}),
        # A plan that was free, and one that becomes it.
        ([cycle(0)], [cycle(900)], {"price": 900}),
        ([cycle(900)], [], {"price": -900}),
        # 7 x 333 x 19/30 is 1476.3: one minor unit of rounding is no day.
        ([cycle(333, 7, amount=1476)], [cycle(334, 8, amount=1692)], {"price": 5, "quantity": 211}),
        ([cycle(333, 7, amount=1476)], [cycle(334, 7, amount=1481)], {"price": 5}),
        ([cycle(333, amount=211)], [cycle(333, 6, amount=1265)], {"quantity": 1054}),
        # Half a period at a price that was nothing; and nothing of nothing on both sides.
        ([cycle(0)], [cycle(900, amount=450)], {"price": 450}),
        ([cycle(0, 5)], [cycle(100, 0)], {}),
    ],
)  # fmt: skip
def test_each_difference_has_its_cause(before: list[Made], after: list[Made], causes: dict[str, int]) -> None:
    assert why(before, after) == causes


def test_a_bill_of_nothing_is_nothing() -> None:
    assert bill([]) == Bill()
    assert (Bill().quantity, Bill().unit_amount, Bill().recurring, Bill().total) == (0, 0, 0, 0)
    assert bill([Made(5, LineKind.USAGE)]).quantity == 0
    assert bill([Made(5, unit_amount=None)]).unit_amount == 0


LINES = st.builds(
    Made,
    amount=st.integers(-(10**6), 10**6),
    kind=st.sampled_from(list(LineKind)),
    quantity=st.integers(0, 50).map(Decimal),
    unit_amount=st.none() | st.integers(0, 10**5).map(Decimal),
    discount_amount=st.integers(0, 1000),
    tax_amount=st.integers(-1000, 1000),
)


@given(st.lists(LINES, max_size=4), st.lists(LINES, max_size=4))
def test_causes_always_sum_to_the_difference(before: list[Made], after: list[Made]) -> None:
    was, will = bill(before), bill(after)
    assert sum(difference(was, will).values()) == will.total - was.total
    assert will.total == sum(line.amount - line.discount_amount + line.tax_amount for line in after)


@given(st.lists(st.tuples(st.none() | st.lists(LINES), st.none() | st.lists(LINES), st.sampled_from(list(Cause)))))
def test_sums_of_many_add_up(counted: list[tuple[list[Made] | None, list[Made] | None, Cause]]) -> None:
    sums = Forecast()
    for before, after, otherwise in counted:
        sums.add(None if before is None else bill(before), None if after is None else bill(after), otherwise)
    assert sums.last + sum(sums.causes.values()) == sums.next


def test_one_without_a_bill_on_one_side_is_new_or_lost() -> None:
    sums = Forecast()
    sums.add(None, Bill(recurring=500), Cause.NEW)
    sums.add(Bill(recurring=300), None, Cause.LOST)
    assert (sums.last, sums.next, sums.causes[Cause.NEW], sums.causes[Cause.LOST]) == (300, 500, 500, -300)


TEN = Thresholds(percent=Decimal(10), stopped=2, least=5)


@pytest.mark.parametrize(
    ("forecasts", "due", "stopped", "codes"),
    [
        ({"USD": (1000, 1100)}, 5, 2, []),
        ({"USD": (1000, 1101)}, 5, 0, ["total_USD"]),
        ({"USD": (1000, 899)}, 5, 0, ["total_USD"]),
        ({"USD": (1000, 899)}, 4, 9, []),
        ({"USD": (0, 1)}, 5, 0, ["total_USD"]),
        ({"USD": (0, 0)}, 5, 0, []),
        ({"USD": (1000, 1000), "EUR": (10, 20)}, 5, 3, ["stopped", "total_EUR"]),
    ],
)
def test_what_is_beyond_holds(forecasts: dict[str, tuple[int, int]], due: int, stopped: int, codes: list[str]) -> None:
    assert [code for code, _ in beyond(TEN, forecasts, due=due, stopped=stopped)] == codes


def test_the_reason_is_a_sentence() -> None:
    found = beyond(TEN, {"USD": (4900, 9900), "EUR": (0, 5)}, due=5, stopped=3)
    assert [text for _, text in found] == [
        "3 cannot be billed; up to 2 may.",
        "EUR changes from nothing; 10 % is allowed.",
        "USD changes by +102 %; 10 % is allowed.",
    ]


def test_without_thresholds_nothing_is_looked_at() -> None:
    assert not Thresholds().any
    assert Thresholds(percent=Decimal(0)).any
    assert Thresholds(stopped=0).any
    assert beyond(Thresholds(), {"USD": (1, 100)}, due=100, stopped=100) == []
    assert beyond(Thresholds(percent=Decimal(10)), {"USD": (100, 200)}, due=1, stopped=0)
