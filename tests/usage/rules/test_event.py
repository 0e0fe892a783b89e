"""The shape of an event: what must be there, and within which limits."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from apps.kernel.errors import Invalid
from apps.usage.bodies import UsageEventInput
from apps.usage.rules.event import Candidate, EventInput, candidate, digest, quantity

AT = datetime(2026, 4, 1, tzinfo=UTC)
GOOD = {"idempotency_key": "k", "subscription_id": "s", "metric": "m", "timestamp": AT}


def code(**fields):
    read = candidate(EventInput(**{**GOOD, **fields}))
    return read.code if isinstance(read, Invalid) else None


def test_a_good_one():
    read = candidate(EventInput(**GOOD, quantity="1.50", properties={"region": "eu"}))
    assert isinstance(read, Candidate)
    assert (read.quantity, read.encoded, read.digest) == (Decimal("1.50"), '{"region":"eu"}', digest("k"))
    assert len(read.digest) == 32


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"idempotency_key": None}, "idempotency_key_missing"),
        ({"idempotency_key": ""}, "idempotency_key_missing"),
        ({"idempotency_key": "k" * 255}, None),
        ({"idempotency_key": "k" * 256}, "idempotency_key_too_long"),
        ({"idempotency_key": "a\0b"}, "invalid_character"),
        ({"idempotency_key": "4111 1111 1111 1111"}, "card_data_refused"),
        ({"idempotency_key": "019a3b1c-7d2e-7000-8000-000000000001"}, None),
        ({"subscription_id": None}, "subscription_missing"),
        ({"subscription_external_key": "x"}, "subscription_missing"),
        ({"metric": None}, "metric_missing"),
        ({"metric": ""}, "metric_missing"),
        ({"metric": "a\0"}, "invalid_character"),
        ({"timestamp": None}, "timestamp_missing"),
        ({"timestamp": datetime(2026, 4, 1)}, "timestamp_naive"),  # noqa: DTZ001
        ({"properties": {"a": "b\0"}}, "invalid_character"),
        ({"properties": {"a\0": "b"}}, "invalid_character"),
        ({"properties": {"a": "\U0001f600", "b": None, "c": True, "d": Decimal("0.1"), "e": -(2**63)}}, None),
        ({"properties": {"a": {}}}, "property_not_scalar"),
        ({"properties": {"a": []}}, "property_not_scalar"),
        ({"properties": {"a": Decimal("1e101")}}, "property_not_scalar"),
        ({"properties": {"a": Decimal("1e100")}}, None),
        ({"properties": {"a": 2**64}}, None),
        ({"properties": {str(n): n for n in range(50)}}, None),
        ({"properties": {str(n): n for n in range(51)}}, "properties_too_large"),
        ({"properties": {"a": "x" * 4088}}, None),
        ({"properties": {"a": "x" * 4089}}, "properties_too_large"),
        ({"properties": {"note": "4111111111111111"}}, "card_data_refused"),
        ({"properties": {"note": 4111111111111111}}, "card_data_refused"),
        ({"properties": {"cvc": "123"}}, "card_data_refused"),
        ({"properties": {"number": "123", "exp_month": 4}}, "card_data_refused"),
        ({"properties": {"number": "123"}}, None),
    ],
)  # fmt: skip
def test_what_is_refused(fields, expected):
    assert code(**fields) == expected


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (0, "0"), (1, "1"), (-1, "-1"), ("1.5", "1.5"), ("007", "7"), ("-0.5", "-0.5"),
        (2**63 - 1, "9223372036854775807"), (2**63, None), (-(2**63) + 1, "-9223372036854775807"), (-(2**63), None),
        ("9223372036854775807", "9223372036854775807"), ("9223372036854775807.000000000001", None),
        ("9223372036854775806.999999999999", "9223372036854775806.999999999999"),
        ("0.000000000001", "0.000000000001"), ("0.0000000000001", None), ("1e3", None), ("NaN", None),
        ("Infinity", None), ("", None), (" 1", None), ("1_000", None), ("+1", None), (".5", None), ("1.", None),
        ("\u0661", None), (10**400, None),
    ],
)  # fmt: skip
def test_quantities(sent, meant):
    assert quantity(sent) == (None if meant is None else Decimal(meant))
    assert code(quantity=sent) == ("quantity_invalid" if meant is None else None)


def test_the_document_shows_the_fields_that_are_read():
    assert list(UsageEventInput().fields) == list(EventInput.__struct_fields__)
