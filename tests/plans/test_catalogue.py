"""A catalogue as a file says it: the difference member by member, and what is written is read back as the same."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.plans import loading
from apps.plans.catalogue import Fate, compare, whole, written
from apps.plans.rules import ChargeModel, problems
from apps.plans.rules.charges import RATES

CALLS: dict[str, Any] = {
    "key": "calls",
    "metric": "api_calls",
    "model": "graduated",
    "prices": {"USD": {"minimum": 500, "tiers": [{"up_to": 1000, "unit_price": 0}, {"unit_price": "0.50"}]}},
}
PLAN: dict[str, Any] = {
    "key": "api", "name": "API", "interval": "month", "prices": {"USD": 1900}, "commitment": {"USD": 10_000},
    "features": {"sso": True, "seats": 5}, "charges": [CALLS],
}  # fmt: skip


def difference(change: dict[str, Any]) -> dict[str, Any]:
    now = {**whole(PLAN), "version": 3}
    (found,) = compare({"api": now}, [{**PLAN, **change}])
    assert (found.fate is Fate.CHANGED, found.new_version) == (bool(found.fields), bool(found.fields))
    return dict(found.fields)


def priced(**price: Any) -> dict[str, Any]:
    return {"charges": [{**CALLS, "prices": {"USD": {**CALLS["prices"]["USD"], **price}}}]}


def test_the_difference_is_told_member_by_member() -> None:
    assert difference({}) == {}
    assert difference({"commitment": {"USD": 20_000}}) == {"commitment.USD": (10_000, 20_000)}
    assert difference({"features": {"sso": False}}) == {"features.sso": (True, False), "features.seats": (5, None)}
    assert difference({"charges": [{**CALLS, "metric": "calls"}]}) == {"charges[calls].metric": ("api_calls", "calls")}
    assert difference(priced(minimum=0)) == {"charges[calls].prices.USD.minimum": (500, None)}
    tiers = [{"up_to": 1000, "unit_price": 0}, {"unit_price": 1, "flat_price": 100}]
    assert difference(priced(tiers=tiers)) == {
        "charges[calls].prices.USD.tiers[2].unit_price": ("0.5", "1"),
        "charges[calls].prices.USD.tiers[2].flat_price": (None, "100"),
    }
    assert set(difference({"charges": []})) == {
        f"charges[calls].{name}"
        for name in (
            "key", "metric", "model", "prices.USD.minimum", "prices.USD.tiers[1].up_to",
            "prices.USD.tiers[1].unit_price", "prices.USD.tiers[2].unit_price",
        )
    }  # fmt: skip


def test_another_order_of_charges_is_a_difference() -> None:
    second = {**CALLS, "key": "more"}
    now = {**whole({**PLAN, "charges": [CALLS, second]}), "version": 1}
    (found,) = compare({"api": now}, [{**PLAN, "charges": [second, CALLS]}])
    assert found.fields == {"charges": (["calls", "more"], ["more", "calls"])}
    assert found.new_version


def test_the_same_said_otherwise_is_no_difference() -> None:
    tiers = [{"up_to": "1000.0", "unit_price": "0", "flat_price": 0}, {"up_to": None, "unit_price": 0.5}]
    assert difference({**priced(tiers=tiers, maximum=None, fee_per_event="0"), "active": True}) == {}


exact = st.decimals(0, 10**6, places=6).map(str)
counts = st.integers(1, 9)
scalars = st.text("ab c", min_size=1, max_size=5) | st.integers(-5, 5) | st.booleans()


def _as_pairs(threshold: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(threshold.items()))


@st.composite
def charges(draw: Any, key: str, currencies: list[str]) -> dict[str, Any]:
    model = draw(st.sampled_from(list(ChargeModel)))
    member = "rate_percent" if model in RATES else "unit_price"
    price = st.decimals(0, 100, places=4).map(str) if model in RATES else exact
    several = model in (ChargeModel.GRADUATED, ChargeModel.VOLUME, ChargeModel.PACKAGE, "graduated_percentage")
    bounds = sorted(draw(st.sets(counts, max_size=3))) if several else []

    def tiers() -> list[dict[str, Any]]:
        return [
            {"up_to": bound, member: draw(price), **draw(st.fixed_dictionaries({}, optional={"flat_price": exact}))}
            for bound in [*bounds, None]
        ]

    found: dict[str, Any] = {
        "key": key, "metric": draw(st.sampled_from(["calls", "gb:out", "a/b"])), "model": str(model),
        "prices": {
            currency: {"tiers": tiers(), **draw(st.fixed_dictionaries({}, optional={"minimum": counts}))}
            for currency in currencies
        },
        **draw(st.fixed_dictionaries({}, optional={
            "filter": st.dictionaries(st.sampled_from(["region", "kind"]), scalars | st.lists(scalars, min_size=1)),
            "group_by": st.sampled_from([["region"], ["kind", "region"]]), "cap": counts,
        })),
    }  # fmt: skip
    if model not in RATES and draw(st.booleans()):
        found |= {"aggregation": "unique_count", "unique_by": "user"}
    limits = [st.fixed_dictionaries({"quantity": st.integers(1, 9).map(str)})]
    limits += [st.fixed_dictionaries({"amount": counts, "currency": st.sampled_from(currencies)})]
    limits += [st.fixed_dictionaries({"percent": counts})] if "cap" in found else []
    found["thresholds"] = draw(st.lists(st.one_of(limits), max_size=3, unique_by=_as_pairs))
    if model is ChargeModel.PACKAGE:
        found["package_size"] = draw(counts)
    return found


@st.composite
def plans(draw: Any) -> dict[str, Any]:
    prices = draw(st.dictionaries(st.sampled_from(["USD", "EUR", "JPY", "KWD"]), st.integers(0, 10**9), min_size=1))
    keys = draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True))
    committed = draw(st.sets(st.sampled_from(sorted(prices))))
    return {
        "key": "api", "name": draw(st.text("Aaé:#- ", min_size=1).map(lambda text: f"P{text}P")), "interval": "month",
        "prices": prices, "commitment": {currency: draw(counts) for currency in committed},
        "features": draw(st.dictionaries(st.sampled_from(["sso", "seats", "no"]), scalars)),
        "charges": [draw(charges(key, sorted(prices))) for key in keys],
    }  # fmt: skip


@given(plans(), st.booleans())
def test_what_is_written_is_read_back_as_the_same(plan: dict[str, Any], json_format: bool) -> None:
    assert problems(plan) == []
    text = loading.write([written(whole(plan))], json_format=json_format)
    (back,) = loading.read(text.encode(), json_format=json_format)
    assert whole(back) == whole(plan)
