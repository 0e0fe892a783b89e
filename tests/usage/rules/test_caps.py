"""What a cap lets in."""

from decimal import Decimal

import pytest

from apps.usage.rules.caps import Running, admit, admits, plain
from tests.factories.usage import meter


def taken(aggregation, cap, *events, unique_by=None):
    one, running = meter(aggregation, cap=Decimal(cap), unique_by=unique_by), Running()
    found = []
    for quantity, properties in events:
        inside = admits(one, running, Decimal(quantity), properties)
        found.append(inside)
        if inside:
            admit(one, running, Decimal(quantity), properties)
    return found


def events(*quantities):
    return [(quantity, {}) for quantity in quantities]


@pytest.mark.fr("FR-080")
def test_each_aggregation():
    assert taken("sum", "3", *events("2", "1.5", "1", "0.000000000001", "0")) == [True, False, True, False, True]
    assert taken("count", "2", *events(9, 9, 9)) == [True, True, False]
    assert taken("max", "5", *events(5, 6, 1)) == [True, False, True]
    assert taken("last", "5", *events(5, 6, 1)) == [True, False, True]
    assert taken("unique_count", "2", *events("1", "1.0", "2", "3", "1")) == [True, True, True, False, True]
    users = [(1, {"u": value}) for value in ("a", True, "true", None, 5, "a")]
    assert taken("unique_count", "2", *users, unique_by="u") == [True, True, True, True, False, True]


def test_sums_are_exact():
    assert taken("sum", "27670116110564327420.999999999997", *events(*["9223372036854775806.999999999999"] * 3)) == [
        True, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [("1.50", "1.5"), ("100", "100"), ("0.00", "0"), ("-0", "0"), ("1E-7", "0.0000001"), ("1E+2", "100")],
)
def test_plain(value, text):
    assert plain(Decimal(value)) == text
