"""Card numbers are found however they are written; what only looks like them is let through."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.kernel.ids import uuid7
from apps.rest.card_guard import REDACTED, find, holds_card_number, luhn, redact

# The published test numbers of the networks.
NUMBERS = [
    "4111111111111111", "4242424242424242", "4222222222222", "5555555555554444", "2223003122003222", "378282246310005",
    "371449635398431", "6011111111111117", "30569309025904", "3566002020360505",
    "6200000000000005", "6759649826438453",
]  # fmt: skip
numbers = st.sampled_from(NUMBERS)


def completed(prefix: str, body: str) -> str:
    """`prefix` and `body` with their true check digit."""
    return next(f"{prefix}{body}{digit}" for digit in range(10) if luhn(f"{prefix}{body}{digit}"))


visas = st.builds(completed, st.just("4"), st.text("0123456789", min_size=14, max_size=14))


@pytest.mark.fr("FR-004")
@given(
    numbers | visas, st.sampled_from(["", " ", "-"]), st.integers(1, 6), st.sampled_from(["", "card ", "PAN:", "12 "])
)
def test_a_card_number_is_found_and_blanked(number: str, separator: str, size: int, before: str) -> None:
    written = separator.join(number[start : start + size] for start in range(0, len(number), size))
    text = f"{before}{written} 12/28"
    assert holds_card_number(text)
    assert number not in redact(text).replace(" ", "").replace("-", "")
    assert REDACTED in redact(text)


@pytest.mark.parametrize(
    "document",
    [
        {"metadata": {"note": "4111 1111 1111 1111"}},
        {"metadata": {"n": 4111111111111111}},
        {"metadata": {"n": 4111111111111111.0}},
        {"a": [{"b": ["4111-1111-1111-1111"]}]},
        {"metadata": {"4111111111111111": 1}},
        {"metadata": {"x": "4111111111111111".translate({digit: digit + 0xFEE0 for digit in range(48, 58)})}},
        {"card": {"number": "x", "exp_month": 12}},
        {"cvc": "123"}, {"CVV": 1}, {"card-number": None}, {"security_code": ""},
    ],
)  # fmt: skip
def test_card_data_anywhere_in_a_document_is_found_without_being_shown(document: Any) -> None:
    problems = find(document)
    assert len(problems) == 1
    assert "4111" not in str(problems)


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112", "1234567890123456", "+4915112345678", "2026-11-23 19:12:24.123456", "1763925144123456",
        "INV-2026-000123", "DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "BE68 5390 0754 7034",
        "4111111111111.111", "0.4111111111111111", "41111111-1111-4111-8111-111111111111",
        "pi_3MtwBwLkdIwHu7ix28a3tqPa",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_let_through(text: str) -> None:
    assert not holds_card_number(text)
    assert redact(text) == text


@example(UUID("0b3a8b5d-8b37-0360-8493-41904ee632c8"))  # with the digits of a card in the middle
@given(st.uuids() | st.builds(uuid7))
def test_ids_are_let_through(id_: UUID) -> None:
    assert not holds_card_number(f"see {id_} and {id_.hex}z") or id_.hex.isdigit()
    assert not holds_card_number(str(id_))


@given(st.text(max_size=12) | st.integers(-(10**12), 10**12) | st.booleans() | st.none())
def test_what_is_short_is_let_through(value: Any) -> None:
    assert not find({"metadata": {"value": value}})


@given(st.text(max_size=200))
def test_redaction_of_any_text_leaves_nothing_to_find(text: str) -> None:
    assert not holds_card_number(redact(text))


@pytest.mark.fr("FR-004")
@pytest.mark.django_db
@pytest.mark.parametrize("body", [{"name": "4111 1111 1111 1111"}, {"metadata": {"cvc": "987"}}])
def test_a_request_that_carries_card_data_is_refused_and_says_what_to_send(
    api: Any, body: Any, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    answer = api("POST", "/groups", json.dumps(body).encode())
    assert (answer.status_code, answer.json()["code"]) == (422, "card_data_refused")
    assert "token" in answer.json()["hint"]
    assert "4111" not in answer.content.decode() + caplog.text + "".join(capfd.readouterr())
    assert "987" not in answer.content.decode().replace(answer.json()["request_id"], "")


@pytest.mark.django_db
def test_a_card_number_in_the_query_is_refused(api: Any) -> None:
    answer = api("GET", "/groups?name=4111111111111111")
    assert (answer.status_code, answer.json()["code"]) == (422, "card_data_refused")
