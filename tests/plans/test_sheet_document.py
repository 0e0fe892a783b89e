"""The form on paper: what is typed becomes the document of the API, and a plan fills the form so that it comes back."""

from typing import Any

import pytest
from hypothesis import given

from apps.plans.catalogue import whole
from apps.plans.sheet import Sheet, blank, read, row, sheet_of, with_row, without_row
from apps.plans.sheet_document import document
from tests.plans.test_catalogue import plans


def typed(**names: str) -> Sheet:
    """A filled form; `_` twice stands for the hyphen of a field's name."""
    return read([(name.replace("__", "-"), text) for name, text in names.items()])


@given(plans())
def test_a_plan_fills_the_form_and_comes_back(plan: dict[str, Any]) -> None:
    shown = {"trial_days": 0, "metadata": {}, **whole(plan)}
    found = document(sheet_of(shown))
    assert found.faults == []
    assert whole(found.document) == {**whole(plan), "metadata": {}}
    # A browser's text loses the white space around it; only a text among the features may have some.
    features = {name: value.strip() if isinstance(value, str) else value for name, value in plan["features"].items()}
    found = document(sheet_of({**shown, "features": features}))
    again = read(_fields(sheet_of(shown)))
    assert document(again).document == found.document


def _fields(sheet: Sheet, above: str = "") -> list[tuple[str, str]]:
    """What a browser sends of the form."""
    found = []
    for name, value in sheet.items():
        if isinstance(value, list):
            for index, each in enumerate(value):
                found += _fields(each, f"{above}{name}-{index}-")
        else:
            found.append((f"{above}{name}", value))
    return found


def test_what_is_typed_is_exact_in_minor_units() -> None:
    found = document(typed(
        name="Pro", interval="month", interval_count="3", prices__0__currency="usd", prices__0__amount="1,234.50",
        prices__0__commitment="2 000", prices__1__currency="JPY", prices__1__amount="700", prices__2__currency="KWD",
        prices__2__amount="1.5", features__0__name="seats", features__0__kind="number", features__0__value="-1",
        features__1__name="sso", features__1__kind="yes or no", features__1__value="", features__2__name="by",
        features__2__kind="text", features__2__value="5", charges__0__metric="calls", charges__0__model="volume",
        charges__0__tiers__0__currency="USD", charges__0__tiers__0__up_to="10,000.5",
        charges__0__tiers__0__unit_price="0.00125", charges__0__tiers__1__currency="KWD",
        charges__0__tiers__1__unit_price="0.0001", charges__0__bounds__0__currency="USD",
        charges__0__bounds__0__minimum="5", charges__0__filter="region = eu, us\nkind = 5\nold = \"5\", true",
        charges__0__group_by="a, b,", charges__0__unique_by="user",
        charges__0__thresholds="80%; 1 000 000;500 usd ; 0.5 %",
    ))  # fmt: skip
    assert found.faults == []
    assert found.document["prices"] == {"USD": 123450, "JPY": 700, "KWD": 1500}
    assert found.document["commitment"] == {"USD": 200000}
    assert found.document["features"] == {"seats": -1, "sso": True, "by": "5"}
    (charge,) = found.document["charges"]
    assert charge["prices"] == {
        "USD": {"tiers": [{"up_to": "10000.5", "unit_price": "0.125"}], "minimum": 500},
        "KWD": {"tiers": [{"unit_price": "0.1"}]},
    }
    assert (charge["key"], charge["group_by"]) == ("calls", ["a", "b"])
    assert charge["filter"] == {"region": ["eu", "us"], "kind": 5, "old": ["5", True]}
    assert charge["unique_by"] == "user"
    assert charge["thresholds"] == [
        {"percent": "80"}, {"quantity": "1000000"}, {"amount": 50000, "currency": "USD"}, {"percent": "0.5"},
    ]  # fmt: skip
    assert found.place("/charges/0/prices/KWD/tiers/0/unit_price") == "charges-0-tiers-1-unit_price"
    assert found.place("/charges/0/prices/USD/minimum") == "charges-0-bounds-0-minimum"
    assert found.place("/charges/0/prices/JPY") == "charges-0"
    assert (found.place("/prices/JPY"), found.place("/metadata/x")) == ("prices-1-amount", "")


def test_bounds_of_percentages_are_amounts_and_one_currency_need_not_be_repeated() -> None:
    found = document(typed(
        prices__0__currency="USD", prices__0__amount="0", charges__0__metric="sales",
        charges__0__model="graduated_percentage", charges__0__tiers__0__up_to="1000",
        charges__0__tiers__0__rate_percent="2.9", charges__0__tiers__1__rate_percent="2",
        charges__0__tiers__2__up_to="",
    ))  # fmt: skip
    assert found.document["charges"][0]["prices"] == {
        "USD": {"tiers": [{"up_to": "100000", "rate_percent": "2.9"}, {"rate_percent": "2"}]}
    }


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"prices__0__currency": "XXQ", "prices__0__amount": "1"}, "prices-0-currency"),
        ({"prices__0__amount": "1"}, "prices-0-currency"),
        ({"prices__0__currency": "USD", "prices__0__amount": "1.005"}, "prices-0-amount"),
        ({"prices__0__currency": "JPY", "prices__0__amount": "1.5"}, "prices-0-amount"),
        ({"prices__0__currency": "USD", "prices__0__amount": "49,-"}, "prices-0-amount"),
        ({"prices__0__currency": "USD", "prices__0__amount": "-1"}, "prices-0-amount"),
        ({"prices__0__currency": "USD", "prices__0__amount": "12,34"}, "prices-0-amount"),
        ({"prices__0__currency": "USD", "prices__1__currency": "USD"}, "prices-1-currency"),
        ({"interval_count": "two"}, "interval_count"),
        ({"trial_days": "-1"}, "trial_days"),
        ({"features__0__name": "a", "features__0__kind": "number", "features__0__value": "x"}, "features-0-value"),
        ({"features__0__name": "a", "features__0__kind": "yes or no", "features__0__value": "?"}, "features-0-value"),
        ({"features__0__name": "a", "features__1__name": "a"}, "features-1-name"),
        ({"charges__0__metric": "a", "charges__0__tiers__0__unit_price": "1"}, "charges-0-tiers-0-currency"),
        ({"charges__0__metric": "a", "charges__0__cap": "much"}, "charges-0-cap"),
        ({"charges__0__metric": "a", "charges__0__filter": "region"}, "charges-0-filter"),
        ({"charges__0__metric": "a", "charges__0__filter": "region ="}, "charges-0-filter"),
        ({"charges__0__metric": "a", "charges__0__thresholds": "much"}, "charges-0-thresholds"),
        ({"charges__0__metric": "a", "charges__0__thresholds": "% 80"}, "charges-0-thresholds"),
        ({"charges__0__metric": "a", "charges__0__thresholds": "1.005 USD"}, "charges-0-thresholds"),
    ],
)
def test_what_is_no_figure_is_told_where_it_stands(fields: dict[str, str], where: str) -> None:
    assert {name for name, _ in document(typed(**fields)).faults} == {where}


def test_rows_come_and_go_and_strange_names_do_nothing() -> None:
    sheet = with_row(with_row(blank(), "charges"), "charges-0-tiers")
    sheet["charges"][0]["tiers"][1]["currency"] = "EUR"
    assert with_row(sheet, "charges-0-tiers")["charges"][0]["tiers"][2]["currency"] == "EUR"
    assert len(without_row(sheet, "charges-0-tiers-0")["charges"][0]["tiers"]) == 2
    assert without_row(sheet, "charges-0")["charges"] == []
    for path in (
        "",
        "charges-9-tiers",
        "x",
        "prices-x",
        "charges-²-tiers",
        "prices-²",
        "features-7",
        "charges-0-prices",
    ):
        assert without_row(with_row(blank(), path), path) == blank(), path
    strange = [("prices-999-amount", "1"), ("prices-x-amount", "1"), ("prices-0-x", "1"), ("version", "1"),
               ("a-b", "1"), ("charges-0-tiers-0-x", "1"), ("charges-²-key", "1"), ("__proto__", "1")]  # fmt: skip
    assert read(strange) == read([])
    assert document(blank()).document["prices"] == {}
    full = {**blank(), "prices": [row("prices") for _ in range(200)]}
    assert len(with_row(full, "prices")["prices"]) == 200
