"""Terms, and what makes a plan document valid."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.currencies import CURRENCIES
from apps.kernel.errors import Invalid
from apps.kernel.ids import uuid7
from apps.kernel.money import MAX_AMOUNT
from apps.kernel.periods import Interval, Unit
from apps.plans.rules import MAX_INTERVAL_COUNT, TaxBehavior, Terms, price_problems, problems
from apps.plans.rules.reading import pointer

good = st.dictionaries(st.sampled_from(sorted(CURRENCIES)), st.integers(0, MAX_AMOUNT), min_size=1, max_size=8)
bad_amounts = (
    st.booleans() | st.floats() | st.text() | st.none() | st.just([1]) | st.just({}) | st.dates()
    | st.integers(max_value=-1) | st.integers(min_value=MAX_AMOUNT + 1)
)  # fmt: skip
strange = st.text(max_size=5).filter(lambda code: code not in CURRENCIES)


@given(good)
def test_a_good_price_list_has_no_fault(prices: dict[str, int]) -> None:
    assert list(price_problems(prices)) == []


@given(good, st.dictionaries(st.sampled_from(sorted(CURRENCIES)), bad_amounts, min_size=1, max_size=4))
def test_each_bad_amount_is_pointed_at_once(prices: dict[str, int], bad: dict[str, Any]) -> None:
    pointers = [problem.pointer for problem in price_problems({**prices, **bad})]
    assert sorted(pointers) == sorted(f"/prices/{currency}" for currency in bad)


@given(good, strange, bad_amounts)
def test_an_unknown_currency_is_a_fault_beside_its_amount(prices: dict[str, int], code: str, amount: Any) -> None:
    assert [p.code for p in price_problems({**prices, code: 1})] == ["currency_unknown"]
    found = list(price_problems({**prices, code: amount}))
    assert [problem.pointer for problem in found] == [pointer("/prices", code)] * 2


@pytest.mark.parametrize("prices", [{}, None, [], "USD", 4900, [["USD", 1]]])
def test_what_is_no_price_list_is_one_fault(prices: Any) -> None:
    assert [(problem.pointer, problem.code) for problem in price_problems(prices)] == [("/prices", "wrong_type")]


@pytest.mark.fr("FR-017")
@given(st.sampled_from(list(Unit)), st.integers(1, 400))
def test_an_interval_is_at_most_as_long_as_allowed(unit: Unit, count: int) -> None:
    found = problems({"interval": unit.value, "interval_count": count, "prices": {"USD": 1}})
    assert bool(found) == (count > MAX_INTERVAL_COUNT[unit])
    assert all(problem.pointer == "/interval_count" for problem in found)


def test_faults_of_prices_and_interval_come_together() -> None:
    found = problems({"interval": "year", "interval_count": 11, "prices": {"XXX": -1}})
    assert [(problem.pointer, problem.code) for problem in found] == [
        ("/prices/XXX", "currency_unknown"), ("/prices/XXX", "too_small"), ("/interval_count", "too_large"),
    ]  # fmt: skip


@pytest.mark.fr("FR-021")
def test_a_currency_without_a_price_is_refused_with_those_there_are() -> None:
    terms = Terms(
        plan_id=uuid7(), plan_version_id=uuid7(), version=1, name="Pro", active=True, interval=Interval(Unit.MONTH),
        trial_days=0, tax_behavior=TaxBehavior.EXCLUSIVE, tax_code="standard", prices={"USD": 4900, "EUR": 0},
    )  # fmt: skip
    assert (terms.price("USD"), terms.price("EUR")) == (4900, 0)
    with pytest.raises(Invalid) as refused:
        terms.price("JPY")
    assert refused.value.code == "price_missing"
    assert "EUR, USD" in refused.value.hint
