"""Metered charges: what each model takes, every fault with its pointer, decimals that are never floats."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.plans.rules import Aggregation, CapBehavior, ChargeModel, ChargePrice, Tier, charge, checked, problems
from apps.plans.rules.reading import Reading, decimal, number, plain

UNIT = [{"unit_price": "0.5"}]
TWO = [{"up_to": "10", "unit_price": "1"}, {"unit_price": "0.5"}]
RATE = [{"rate_percent": "2.9"}]
FREE = [{"up_to": "10", "unit_price": "0"}, {"unit_price": "0.5"}]
NONE = Decimal(0)


def made(model: str = "per_unit", tiers: Any = None, price: Any = None, **members: Any) -> dict[str, Any]:
    """A charge in dollars."""
    tiers = (RATE if "percentage" in model else UNIT) if tiers is None else tiers
    whole = {
        "key": "calls",
        "metric": "api_calls",
        "model": model,
        "prices": {"USD": {"tiers": tiers, **(price or {})}},
    }
    return {**whole, **members}


def plan(*charges: Any, **members: Any) -> dict[str, Any]:
    return {"prices": {"USD": 0}, "charges": list(charges), **members}


def faults(*charges: Any, **members: Any) -> set[tuple[str, str]]:
    return {(problem.pointer, problem.code) for problem in problems(plan(*charges, **members))}


@pytest.mark.fr("FR-019", "FR-020")
@pytest.mark.parametrize(
    "each",
    [
        made(),
        made(price={"minimum": 100, "maximum": 10_000}),
        made("graduated", TWO),
        made("graduated", [{"up_to": 1, "flat_price": "100"}, {"unit_price": "0"}]),
        made("volume", [{"up_to": "0.5", "unit_price": 1}, {"up_to": 1, "unit_price": 1}, {"unit_price": 0.25}]),
        made("package", package_size=1000),
        made("package", [{"up_to": 5, "unit_price": 1, "package_size": 2}, {"unit_price": 1, "package_size": "0.5"}]),
        made("package", [{"up_to": 5, "unit_price": 1}, {"unit_price": 1, "package_size": 7}], package_size="10"),
        made("percentage", price={"fee_per_event": 30, "per_event_minimum": "50", "per_event_maximum": 500}),
        made("graduated_percentage", [{"up_to": 10**6, "rate_percent": 3}, {"rate_percent": "2.5", "flat_price": 1}]),
        made(
            aggregation="unique_count", filter={"region": ["eu", 1, True], "kind": "read"}, group_by=["region", "kind"]
        ),
        made(cap="1000000", cap_behavior="reject"),
        made(aggregation="unique_count", unique_by="user"),
        made(cap=5, thresholds=[{"percent": 80}, {"percent": "100"}, {"quantity": 4}]),
        made("graduated", FREE, thresholds=[{"percent": "80.5"}, {"amount": 5000, "currency": "USD"}]),
    ],
    ids=lambda each: each["model"],
)
def test_every_model_has_its_shape(each: dict[str, Any]) -> None:
    found, wrong = checked(plan(each))
    assert wrong == []
    assert checked(found) == (found, [])  # what is shown can be sent back
    assert charge(found["charges"][0]).model == each["model"]


def test_a_charge_is_read_whole() -> None:
    price = {"fee_per_event": "30.50", "per_event_minimum": 50, "per_event_maximum": "500.0", "minimum": 7}
    document = made("percentage", price=price, cap=5, cap_behavior="reject", filter={"a": 1}, group_by=["b"])
    found = charge(checked(plan(document))[0]["charges"][0])
    assert (found.key, found.metric, found.model) == ("calls", "api_calls", ChargeModel.PERCENTAGE)
    assert (found.aggregation, found.filter, found.group_by) == (Aggregation.SUM, {"a": 1}, ("b",))
    assert (found.package_size, found.cap, found.cap_behavior) == (None, Decimal(5), CapBehavior.REJECT)
    assert found.prices == {
        "USD": ChargePrice(
            (Tier(None, NONE, NONE, Decimal("2.9"), None),), Decimal("30.5"), Decimal(50), Decimal(500), 7, None
        )
    }


C = "/charges/0"
P = f"{C}/prices/USD"
T = f"{C}/thresholds"


@pytest.mark.fr("FR-020", "FR-024")
@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (5, {(C, "wrong_type")}),
        ({}, {(f"{C}/{name}", "required") for name in ("key", "metric", "model", "prices")}),
        (made(key="a b"), {(f"{C}/key", "name_invalid")}),
        (made(key=5, metric=None), {(f"{C}/key", "wrong_type"), (f"{C}/metric", "wrong_type")}),
        (made(key="a" * 65, metric=""), {(f"{C}/key", "too_long"), (f"{C}/metric", "name_invalid")}),
        (made(key="recurring"), {(f"{C}/key", "reserved")}),
        (made(aggregation="avg", modle=1), {(f"{C}/aggregation", "invalid_choice"), (f"{C}/modle", "unknown_field")}),
        (made(model="flat"), {(f"{C}/model", "invalid_choice")}),
        (made(filter=[]), {(f"{C}/filter", "wrong_type")}),
        (made(filter={"a": [], "b": None, "c": [{}], "d": 1.5}), {(f"{C}/filter/{x}", "wrong_type") for x in "abcd"}),
        (made(filter={str(number): 1 for number in range(21)}), {(f"{C}/filter", "too_long")}),
        (made(filter={"a/b c": 1}), {(f"{C}/filter/a~1b c", "name_invalid")}),
        (made(group_by=["a", "a"]), {(f"{C}/group_by/1", "duplicate")}),
        (made(group_by="a"), {(f"{C}/group_by", "wrong_type")}),
        (made(group_by=list("abcdef")), {(f"{C}/group_by", "too_long")}),
        (made(package_size=5), {(f"{C}/package_size", "not_for_this_model")}),
        (made("package"), {(f"{P}/tiers/0/package_size", "required")}),
        (made("package", package_size=0), {(f"{C}/package_size", "too_small")}),
        (made("package", package_size=None), {(f"{P}/tiers/0/package_size", "required")}),
        (made(cap_behavior="reject"), {(f"{C}/cap", "required")}),
        (made(cap="-1", cap_behavior="reject"), {(f"{C}/cap", "too_small")}),
        (made(cap_behavior="warn"), {(f"{C}/cap_behavior", "invalid_choice")}),
        (made(unique_by="user"), {(f"{C}/unique_by", "not_for_this_aggregation")}),
        (made(aggregation="unique_count", unique_by="a b"), {(f"{C}/unique_by", "name_invalid")}),
        (made(thresholds={}), {(T, "wrong_type")}),
        (made(thresholds=[{"quantity": number + 1} for number in range(21)]), {(T, "too_long")}),
        (made(thresholds=[5]), {(f"{T}/0", "wrong_type")}),
        (made(thresholds=[{}]), {(f"{T}/0", "required")}),
        (made(cap=5, thresholds=[{"quantity": 1, "percent": 1}]), {(f"{T}/0", "ambiguous")}),
        (made(thresholds=[{"quantity": 0}]), {(f"{T}/0/quantity", "too_small")}),
        (made(thresholds=[{"quantity": 1}, {"quantity": "1.0"}]), {(f"{T}/1", "duplicate")}),
        (made(thresholds=[{"percent": 80}]), {(f"{T}/0/percent", "nothing_to_compare")}),
        (made("graduated", TWO, thresholds=[{"percent": 80}]), {(f"{T}/0/percent", "nothing_to_compare")}),
        (made(cap=5, thresholds=[{"percent": 1001}]), {(f"{T}/0/percent", "too_large")}),
        (made(thresholds=[{"amount": 5}]), {(f"{T}/0/currency", "required")}),
        (made(thresholds=[{"quantity": 5, "currency": "USD"}]), {(f"{T}/0/currency", "ambiguous")}),
        (made(thresholds=[{"amount": 5, "currency": "XXQ"}]), {(f"{T}/0/currency", "invalid_choice")}),
        (made(thresholds=[{"amount": 5, "currency": "EUR"}]), {(f"{T}/0/currency", "currency_without_price")}),
        (made(thresholds=[{"amount": "5", "currency": "USD"}]), {(f"{T}/0/amount", "wrong_type")}),
        (made(prices={}), {(f"{C}/prices", "wrong_type")}),
        (made(prices=[]), {(f"{C}/prices", "wrong_type")}),
        (made(prices={"USD": 5}), {(P, "wrong_type")}),
        (made(prices={"USD": {}}), {(f"{P}/tiers", "required")}),
        (made(prices={"EUR": {"tiers": UNIT}}), {(P, "price_missing"), (f"{C}/prices/EUR", "currency_without_price")}),
        (made(tiers=[]), {(f"{P}/tiers", "too_short")}),
        (made(tiers={}), {(f"{P}/tiers", "wrong_type")}),
        (made(tiers=[5]), {(f"{P}/tiers/0", "wrong_type")}),
        (made("graduated", UNIT * 101), {(f"{P}/tiers", "too_long")}),
        (made(tiers=[{}]), {(f"{P}/tiers/0/unit_price", "required")}),
        (made(tiers=[{"unit_price": None}]), {(f"{P}/tiers/0/unit_price", "wrong_type")}),
        (made(tiers=[{"unit_price": "0", "price": 1}]), {(f"{P}/tiers/0/price", "unknown_field")}),
        (made(tiers=[{"unit_price": 1, "rate_percent": 1}]), {(f"{P}/tiers/0/rate_percent", "not_for_this_model")}),
        (made(tiers=[{"unit_price": 1, "package_size": 1}]), {(f"{P}/tiers/0/package_size", "not_for_this_model")}),
        (made(tiers=TWO), {(f"{P}/tiers", "too_many_tiers")}),
        (made("percentage", RATE * 2), {(f"{P}/tiers", "too_many_tiers"), (f"{P}/tiers/0/up_to", "required")}),
        (made("percentage", [{"rate_percent": 101}]), {(f"{P}/tiers/0/rate_percent", "too_large")}),
        (
            made("percentage", UNIT),
            {(f"{P}/tiers/0/unit_price", "not_for_this_model"), (f"{P}/tiers/0/rate_percent", "required")},
        ),
        (made("percentage", aggregation="max"), {(f"{C}/aggregation", "not_for_this_model")}),
        (made("graduated", [{"up_to": 5, "unit_price": 1}]), {(f"{P}/tiers/0/up_to", "last_tier_open")}),
        (made("graduated", [{"unit_price": 1}, {"unit_price": 1}]), {(f"{P}/tiers/0/up_to", "required")}),
        (
            made("volume", [{"up_to": up, "unit_price": 1} for up in ("5", "5.0", "4", 6, None)]),
            {(f"{P}/tiers/1/up_to", "not_ascending"), (f"{P}/tiers/2/up_to", "not_ascending")},
        ),
        (
            made("volume", [{"up_to": up, "unit_price": 1} for up in (0, "x", -1, None)]),
            {(f"{P}/tiers/0/up_to", "too_small"), (f"{P}/tiers/1/up_to", "wrong_type"),
             (f"{P}/tiers/2/up_to", "too_small")},
        ),
        (made(price={"fee_per_event": 1}), {(f"{P}/fee_per_event", "not_for_this_model")}),
        (made("volume", price={"per_event_minimum": 1}), {(f"{P}/per_event_minimum", "not_for_this_model")}),
        (
            made("graduated_percentage", price={"per_event_maximum": 1}),
            {(f"{P}/per_event_maximum", "not_for_this_model")},
        ),
        (
            made("percentage", price={"per_event_minimum": 2, "per_event_maximum": "1.5"}),
            {(f"{P}/per_event_maximum", "too_small")},
        ),
        (made(price={"minimum": 2, "maximum": 1}), {(f"{P}/maximum", "too_small")}),
        (made(price={"minimum": -1, "maximum": 0}), {(f"{P}/minimum", "too_small"), (f"{P}/maximum", "too_small")}),
        (
            made(price={"minimum": "5", "maximum": 10**15 + 1}),
            {(f"{P}/minimum", "wrong_type"), (f"{P}/maximum", "amount_too_large")},
        ),
    ],
)  # fmt: skip
def test_each_fault_is_pointed_at(each: Any, expected: set[tuple[str, str]]) -> None:
    assert faults(each) == expected


@pytest.mark.fr("FR-024")
def test_faults_of_all_charges_come_together_with_those_of_the_plan() -> None:
    assert faults(
        made(), made(cap="x"), made(key="b", metric="?"),
        prices={"USD": -1, "EUR": 1}, commitment={"USD": 0, "GBP": 5, "EUR": "5"},
        features={"ok": 1, "list": [], "none": None, "": True, "long": "x" * 501, "huge": 10**16},
        interval="year", interval_count=11,
    ) == {
        ("/prices/USD", "too_small"), ("/commitment/USD", "too_small"), ("/commitment/EUR", "wrong_type"),
        ("/commitment/GBP", "currency_without_price"), ("/features/list", "wrong_type"),
        ("/features/none", "wrong_type"), ("/features/", "name_invalid"), ("/features/long", "too_long"),
        ("/features/huge", "too_large"), ("/interval_count", "too_large"), ("/charges/1/key", "duplicate"),
        ("/charges/1/cap", "wrong_type"), ("/charges/2/metric", "name_invalid"),
        *((f"/charges/{index}/prices/EUR", "price_missing") for index in range(3)),
    }  # fmt: skip
    assert faults(charges={}) == {("/charges", "wrong_type")}
    assert faults(charges=[made()] * 51) == {("/charges", "too_long")}
    assert faults(commitment=[], features=5) == {("/commitment", "wrong_type"), ("/features", "wrong_type")}
    assert faults(features={str(one): 1 for one in range(101)}) == {("/features", "too_long")}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("0.50", "0.5"), (0.1, "0.1"), (1e-7, "0.0000001"), ("007", "7"), (".5", "0.5"), ("5.", "5"), (10, "10"),
        ("-0", "0"), ("100", "100"), (1e6, "1000000"), (0.30000000000000004, None), (True, None), (None, None),
        ("1e3", None), ("", None), ("٣", None), ("1,5", None), ([], None), (float("nan"), None), (10**41, None),
        ("9" * 41, None), (float("inf"), None),
    ],
)  # fmt: skip
def test_what_a_json_value_means(given: Any, meant: str | None) -> None:
    found = decimal(given)
    assert (None if found is None else plain(found)) == meant


@given(st.decimals(0, 10**15, places=12))
def test_decimals_keep_every_digit(value: Decimal) -> None:
    reading = Reading()
    text = number()(reading, f"{value:f}", "")
    assert reading.problems == []
    assert Decimal(text) == value
    assert "E" not in text


@pytest.mark.parametrize(("text", "code"), [("0.0000000000001", "too_precise"), ("1000000000000000.1", "too_large")])
def test_a_decimal_has_bounds(text: str, code: str) -> None:
    assert faults(made(tiers=[{"unit_price": text}])) == {(f"{P}/tiers/0/unit_price", code)}


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["USD", "EUR", "key", "metric", "model", "prices", "tiers", "up_to", "unit_price", "filter"]
            )
            | st.text(max_size=2),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(wild, wild, wild)
def test_nothing_breaks_the_reading(charges: Any, prices: Any, rest: Any) -> None:
    for document in (
        {"prices": prices, "charges": charges, "features": rest, "commitment": rest},
        plan(made(prices=charges)), plan(made(tiers=charges)), plan(made(filter=charges, group_by=rest, cap=prices)),
        plan(made("package", [charges, rest])), plan(made("percentage", price={"minimum": charges, "maximum": rest})),
    ):  # fmt: skip
        found, wrong = checked(document)
        assert wrong or checked(found) == (found, [])
