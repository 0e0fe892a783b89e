"""What usage costs: the figures of the rules, the edges of tiers, and a slow oracle that counts unit by unit."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.errors import Invalid
from apps.kernel.money import rounded
from apps.plans.rules import ChargeModel, charge, checked
from apps.plans.rules.rating import Kind, Rated, Usage, prorated, rate

TIERS = [{"up_to": "1000", "unit_price": "0"}, {"up_to": "10000", "unit_price": "1"}, {"unit_price": "0.5"}]


def cost(
    model: str,
    tiers: list[dict[str, str]],
    quantity: str | Decimal,
    events: int = 1,
    *,
    values: dict[Decimal, int] | None = None,
    groups: Sequence[Usage] = (),
    cut: int | None = None,
    size: str | None = None,
    **price: Any,
) -> Rated:
    """The rating of a charge that the catalogue would take."""
    document = {
        "key": "api", "metric": "calls", "model": model, "prices": {"USD": {"tiers": tiers, **price}},
        **({"package_size": size} if size else {}),
    }  # fmt: skip
    plan = {"prices": {"USD": 0}, "interval": "month", "charges": [document]}
    found, wrong = checked(plan)
    assert wrong == []
    usages = groups or [Usage(Decimal(quantity), events, values or {})]
    return rate(charge(found["charges"][0]), "USD", usages, maximum=cut)


def parts(rated: Rated) -> list[tuple[str, str, int]]:
    return [(part.kind, str(part.quantity), part.amount) for part in rated.parts]


def test_the_figures_of_the_rules() -> None:
    graduated = cost("graduated", TIERS, "12345")
    assert (graduated.amount, parts(graduated)) == (
        10173, [("tier", "1000", 0), ("tier", "9000", 9000), ("tier", "2345", 1173)],
    )  # fmt: skip
    volume = cost("volume", TIERS, "12345")
    assert (volume.amount, parts(volume)) == (6173, [("tier", "12345", 6173)])
    package = cost("package", [{"unit_price": "500"}], "12345", size="1000")
    assert (package.amount, parts(package)) == (6500, [("tier", "13", 6500)])
    assert prorated([(10000, Fraction(14, 30))]) == 4667
    assert prorated([(10000, Fraction(14, 30)), (10001, Fraction(16, 30))]) == 10001  # 10000.53 rounded once
    assert cost("volume", TIERS, "10000").amount - cost("volume", TIERS, "10001").amount == 10000 - 5001


@pytest.mark.parametrize(
    ("model", "quantity", "amount"),
    [
        ("graduated", "0", 0), ("graduated", "-5", 0), ("graduated", "1000", 0), ("graduated", "1000.4", 0),
        ("graduated", "1000.5", 1), ("graduated", "10000", 9000), ("graduated", "10001", 9001),
        ("volume", "1000", 0), ("volume", "1000.5", 1001), ("volume", "10000", 10000), ("volume", "10001", 5001),
        ("volume", "0", 0), ("volume", "-1", 0),
    ],
)  # fmt: skip
def test_bounds_belong_to_the_tier_below(model: str, quantity: str, amount: int) -> None:
    assert cost(model, TIERS, quantity).amount == amount


@pytest.mark.parametrize(
    ("quantity", "amount"), [("0", 0), ("1", 500), ("1000", 500), ("1000.000001", 1000), ("2000", 1000)]
)
def test_a_started_package_is_a_package(quantity: str, amount: int) -> None:
    assert cost("package", [{"unit_price": "500"}], quantity, size="1000").amount == amount


def test_packages_of_tiers_have_their_own_size() -> None:
    tiers = [
        {"up_to": "100", "unit_price": "10", "package_size": "30"},
        {"unit_price": "70", "package_size": "1000", "flat_price": "5"},
    ]
    rated = cost("package", tiers, "101")
    assert (rated.amount, parts(rated)) == (115, [("tier", "4", 40), ("flat", "1", 5), ("tier", "1", 70)])


def test_a_flat_price_is_charged_once_when_its_tier_is_entered() -> None:
    tiers = [{"up_to": "10", "unit_price": "2", "flat_price": "100"}, {"unit_price": "1", "flat_price": "50"}]
    assert [cost("graduated", tiers, each).amount for each in ("0", "1", "10", "11")] == [0, 102, 120, 171]
    assert [cost("volume", tiers, each).amount for each in ("0", "1", "10", "11")] == [0, 102, 120, 61]


def test_percentages() -> None:
    simple = cost("percentage", [{"rate_percent": "2.9"}], "10000", 3, fee_per_event="30")
    assert (simple.amount, parts(simple)) == (380, [("tier", "10000", 290), ("fee", "3", 90)])
    assert cost("percentage", [{"rate_percent": "2.9"}], "0", 0, fee_per_event="30").amount == 0
    tiers = [{"up_to": "10000", "rate_percent": "3"}, {"rate_percent": "1.5"}]
    assert cost("graduated_percentage", tiers, "10001").amount == 300
    assert cost("graduated_percentage", tiers, "10034").amount == 301
    values = {Decimal(100): 2, Decimal(5000): 1, Decimal(900000): 1}
    bounds = {"fee_per_event": "10", "per_event_minimum": "20", "per_event_maximum": "2000"}
    # 3 + 10 -> 20, twice; 150 + 10; 27010 -> 2000
    assert cost("percentage", [{"rate_percent": "3"}], "905200", 4, values=values, **bounds).amount == 2200
    with pytest.raises(ValueError, match="rated by their values"):
        cost("percentage", [{"rate_percent": "3"}], "905200", 4, **bounds)


def test_a_maximum_cuts_and_is_cut_by_days_itself() -> None:
    rated = cost("per_unit", [{"unit_price": "3"}], "500", cut=1000)
    assert (rated.amount, parts(rated)) == (1000, [("tier", "500", 1500), ("maximum", "1", -500)])
    assert cost("per_unit", [{"unit_price": "2"}], "500", cut=1000).parts[-1].kind is Kind.TIER
    assert cost("per_unit", [{"unit_price": "3"}], "500", cut=prorated([(1000, Fraction(14, 30))])).amount == 467


def test_each_group_has_tiers_of_its_own_and_all_are_one_amount() -> None:
    groups = [Usage(Decimal("1000.5"), 3, group=("eu",)), Usage(Decimal("1000.4"), 2, group=("us",))]
    rated = cost("graduated", TIERS, "0", groups=groups)
    assert rated.amount == 1  # 0.5 + 0.4, rounded once
    assert [(part.group, str(part.quantity), part.amount) for part in rated.parts] == [
        (("eu",), "1000", 0), (("eu",), "0.5", 1), (("us",), "1000", 0), (("us",), "0.4", 0),
    ]  # fmt: skip
    cut = cost("per_unit", [{"unit_price": "3"}], "0", groups=groups, cut=5000)
    assert (cut.amount, cut.parts[-1].group, sum(part.amount for part in cut.parts)) == (5000, (), 5000)


def test_large_amounts_stay_exact_and_the_largest_is_refused() -> None:
    assert cost("per_unit", [{"unit_price": "999999.999999999999"}], "1000000000").amount == 10**15
    assert cost("per_unit", [{"unit_price": "0.000000000001"}], "499999999999").amount == 0
    assert cost("per_unit", [{"unit_price": "0.000000000001"}], "500000000000").amount == 1
    with pytest.raises(Invalid, match="usage line"):
        cost("per_unit", [{"unit_price": "1000001"}], "1000000000")


BOUNDS = st.lists(st.integers(1, 60), unique=True, max_size=4).map(sorted)
PRICES = st.lists(st.decimals(0, 9, places=3), min_size=5, max_size=5)
FLATS = st.lists(st.integers(0, 50), min_size=5, max_size=5)


def tiered(bounds: list[int], prices: list[Decimal], flats: list[int]) -> list[dict[str, str]]:
    ends: list[int | None] = [*bounds, None]
    return [
        {"unit_price": str(price), "flat_price": str(fixed), **({"up_to": str(end)} if end else {})}
        for end, price, fixed in zip(ends, prices, flats, strict=False)
    ]


@given(BOUNDS, PRICES, FLATS, st.integers(0, 80), st.sampled_from(list(ChargeModel)[:4]), st.integers(1, 7))
def test_like_counting_unit_by_unit(
    bounds: list[int], prices: list[Decimal], flats: list[int], units: int, model: ChargeModel, size: int
) -> None:
    if model is ChargeModel.PER_UNIT:
        bounds = []
    packs = str(size) if model is ChargeModel.PACKAGE else None
    rated = cost(model, tiered(bounds, prices, flats), str(units), size=packs)
    exact, seen, filled = Fraction(0), set[int](), 0
    tiers_of = [sum(unit > bound for bound in bounds) for unit in range(1, units + 1)]
    if model is ChargeModel.VOLUME:
        tiers_of = tiers_of[-1:] * units
    for tier in tiers_of:
        if tier not in seen:
            seen.add(tier)
            exact, filled = exact + flats[tier], 0
        if model is not ChargeModel.PACKAGE or filled % size == 0:
            exact += Fraction(prices[tier])
        filled += 1
    assert rated.amount == rounded(exact)
    assert sum(part.amount for part in rated.parts) == rated.amount


@given(st.dictionaries(st.decimals(0, 10000, places=2), st.integers(1, 4), max_size=6), st.randoms())
def test_the_order_of_events_does_not_matter(values: dict[Decimal, int], chance: Any) -> None:
    turned = list(values.items())
    chance.shuffle(turned)
    total = sum((value * count for value, count in values.items()), Decimal(0))
    bounds = {"per_event_minimum": "5", "per_event_maximum": "90", "fee_per_event": "0.5"}
    rates, events = [{"rate_percent": "1.25"}], sum(values.values())
    one = cost("percentage", rates, total, events, values=values, **bounds)
    assert one == cost("percentage", rates, total, events, values=dict(turned), **bounds)
    each = [min(Decimal(90), max(Decimal(5), value * Decimal("0.0125") + Decimal("0.5"))) for value in values]
    exact = sum((Fraction(cost_) * values[value] for value, cost_ in zip(values, each, strict=True)), Fraction(0))
    assert one.amount == rounded(exact)


def test_what_costs_nothing_is_no_part_and_what_has_no_bound_begins_at_none() -> None:
    free = cost("percentage", [{"rate_percent": "2"}], "1000", 3)
    assert parts(free) == [("tier", "1000", 20)]
    fee = cost("percentage", [{"rate_percent": "2"}], "1000", 3, fee_per_event="5")
    assert [(part.kind, part.above, part.amount) for part in fee.parts] == [("tier", 0, 20), ("fee", 0, 15)]
    cut = cost("per_unit", [{"unit_price": "1"}], "100", cut=60)
    assert [(part.kind, part.above, part.amount) for part in cut.parts] == [("tier", 0, 100), ("maximum", 0, -40)]
    entered = cost(
        "percentage", [{"rate_percent": "2", "flat_price": "7"}], "1000", 1, values={Decimal(1000): 1},
        per_event_minimum="30",
    )  # fmt: skip
    assert [(part.kind, part.above, part.amount) for part in entered.parts] == [("flat", 0, 7), ("tier", 0, 30)]
