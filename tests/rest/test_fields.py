"""Fields of bodies: strict types, and a code for every refusal."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from apps.kernel.errors import Invalid
from apps.rest import inputs


class Line(inputs.Input):
    amount = inputs.AmountField()


class Sample(inputs.Input):
    text = inputs.CharField(max_length=5)
    email = inputs.EmailField()
    amount = inputs.AmountField()
    count = inputs.IntegerField(min_value=1)
    flag = inputs.BooleanField()
    rate = inputs.DecimalField(max_digits=10, decimal_places=4)
    currency = inputs.CurrencyField()
    country = inputs.CountryField()
    timezone = inputs.TimezoneField()
    key = inputs.ExternalKeyField()
    id = inputs.UUIDField()
    on = inputs.DateField()
    at = inputs.DateTimeField()
    kind = inputs.ChoiceField(["1", "two"])
    metadata = inputs.MetadataField()
    lines = Line(many=True)


@pytest.mark.parametrize(
    ("name", "sent", "taken"),
    [
        ("text", " ab ", "ab"), ("amount", 10**15, 10**15), ("amount", -1, -1), ("flag", False, False),
        ("rate", "19.0001", Decimal("19.0001")), ("rate", 19, Decimal(19)), ("on", "2024-02-29", date(2024, 2, 29)),
        ("at", "2026-11-01T00:00:00+02:00", datetime(2026, 10, 31, 22, tzinfo=UTC)),
        ("at", "2026-11-01T00:00:00.5Z", datetime(2026, 11, 1, 0, 0, 0, 500000, tzinfo=UTC)),
        ("id", "0193a1b2-0000-7000-8000-000000000000", UUID("0193a1b2-0000-7000-8000-000000000000")),
        ("kind", "two", "two"), ("metadata", {"a": [1]}, {"a": [1]}), ("lines", [{"amount": 1}], [{"amount": 1}]),
        ("timezone", "Pacific/Auckland", "Pacific/Auckland"), ("country", "DE", "DE"), ("currency", "KWD", "KWD"),
    ],
)  # fmt: skip
def test_what_is_right_is_taken(name: str, sent: Any, taken: Any) -> None:
    assert inputs.parse(Sample, {name: sent}, partial=True) == {name: taken}


@pytest.mark.parametrize(
    ("name", "sent", "pointer", "code"),
    [
        *[(name, sent, f"/{name}", "wrong_type") for name, wrong in {
            "text": [1, True, [], {}], "email": [1], "amount": ["1", 1.0, True, [], 1e300], "count": ["1", True, 1.5],
            "flag": ["true", 1, 0], "rate": [1.5, True, []], "currency": [1], "country": [["DE"]], "timezone": [{}],
            "id": [1], "on": [20260101], "at": [0, True], "kind": [1], "metadata": ["x", [], 1], "key": [7],
            "lines": ["x", {}],
        }.items() for sent in wrong],
        *[(name, None, f"/{name}", "null_not_allowed") for name in ("text", "amount", "flag", "metadata", "at")],
        ("text", "abcdef", "/text", "too_long"), ("text", " ", "/text", "blank"), ("email", "x", "/email", "invalid"),
        ("amount", 10**15 + 1, "/amount", "amount_too_large"), ("count", 0, "/count", "too_small"),
        ("count", 2**63, "/count", "too_large"), ("rate", "NaN", "/rate", "invalid"),
        *[("rate", sent, "/rate", "invalid")
          for sent in ("1e2", "1E-1", "\u0661\u0662", "\uff11", " 1", "1_0", "", ".")],
        *[("text", f"a{hidden}b", "/text", "invalid_characters")
          for hidden in "\x01\n\x1f\x7f\x9f\u202a\u202e\u2066\u2069"],
        ("currency", "usd", "/currency", "currency_unknown"), ("country", "XX", "/country", "country_unknown"),
        ("timezone", "Mars/X", "/timezone", "timezone_unknown"), ("key", " a", "/key", "invalid"),
        ("key", "a\nb", "/key", "invalid_characters"), ("id", "x", "/id", "invalid"),
        ("on", "2026-02-30", "/on", "invalid"),
        ("on", "1899-12-31", "/on", "out_of_range"), ("at", "2026-11-01", "/at", "invalid"),
        ("at", "2026-11-01T00:00:00", "/at", "invalid"), ("at", "2026-13-01T00:00:00Z", "/at", "invalid"),
        ("at", "0001-01-01T00:00:00+14:00", "/at", "invalid"), ("kind", "three", "/kind", "invalid_choice"),
        ("metadata", {str(n): n for n in range(51)}, "/metadata", "metadata_too_many_keys"),
        ("lines", [{"amount": 1}, {"amount": "1"}], "/lines/1/amount", "wrong_type"),
        ("lines", [{"amount": 1, "x": 1}], "/lines/0/x", "unknown_field"), ("lines", [7], "/lines/0", "wrong_type"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_place_and_code(name: str, sent: Any, pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        inputs.parse(Sample, {name: sent}, partial=True)
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [(pointer, code)]
    assert refused.value.errors[0].detail
