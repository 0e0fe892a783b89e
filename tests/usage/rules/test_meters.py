"""Meters: their filters, and windows as text."""

from decimal import Decimal

import msgspec
import pytest

from apps.usage.rules.meters import Aggregation, WindowMeter, listed, matches, meters


@pytest.mark.parametrize(
    ("filter", "properties", "expected"),
    [
        ({}, {}, True),
        ({"region": ["eu", "us"]}, {"region": "us"}, True),
        ({"region": ["eu"]}, {}, False),
        ({"region": ["eu"]}, {"region": None}, False),
        ({"n": [1]}, {"n": 1}, True),
        ({"n": [1]}, {"n": Decimal("1.0")}, True),
        ({"n": [1]}, {"n": True}, False),
        ({"n": [True]}, {"n": 1}, False),
        ({"n": [1]}, {"n": "1"}, False),
        ({"a": [1], "b": ["x"]}, {"a": 1, "b": "x", "c": 1}, True),
        ({"a": [1], "b": ["x"]}, {"a": 1}, False),
    ],
)
def test_filters(filter, properties, expected):
    assert matches(filter, properties) is expected


def test_a_filter_has_one_form():
    assert listed({"region": "eu", "tier": [1, 2], "paid": True}) == {"region": ["eu"], "tier": [1, 2], "paid": [True]}


def test_a_windows_meters_are_read_as_they_were_written():
    one = WindowMeter(key="a", aggregation=Aggregation.MAX, filter={"region": ["eu", 1, True]}, cap=Decimal("1.5"))
    text = msgspec.json.encode({"m": [one]}).decode()
    assert meters(text) == {"m": (one,)}
    assert meters(text) is meters(str(text))
