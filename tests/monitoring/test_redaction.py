"""What must never reach a log does not, and what is harmless stays."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.ids import uuid7
from apps.monitoring import redaction


@pytest.mark.parametrize(
    "secret",
    [
        "4242424242424242",
        "4242 4242 4242 4242",
        "4000-0025-0000-3155",
        "378282246310005",
        "sk_test_51Habcdefghijklmnop",
        "rk_live_abcdefgh12345678",
        "whsec_abcdefgh12345678",
        "bk_test_abcdefgh12345678",
    ],
)
def test_hides_what_looks_secret_inside_text(secret: str) -> None:
    assert redaction.text(f"before {secret} after") == "before [redacted] after"


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc", "eyJhbGci"),
        ("postgresql://billing:hunter2@127.0.0.1:5432/billing", "hunter2"),
        ("redis://:hunter2@127.0.0.1:6379/0", "hunter2"),
        ('{"password": "hunter2", "name": "x"}', "hunter2"),
        ("DETAIL:  Key (email)=(ada.l+x@mail.example.com) already exists.", "ada.l"),
        ("cvc=123&x=1", "123"),
        ("client_secret: pi_3abc_secret_XYZ", "XYZ"),
        ("/mail/IjAxYTIyMjc0MDhjMTdmZjRh:1xXIxT:MhAcIixtPc8TDPLQwKIbv10X/invoice", "MhAcIixt"),
    ],
)
def test_hides_the_secret_part_and_keeps_the_rest(line: str, secret: str) -> None:
    cleaned = redaction.text(line)
    assert secret not in cleaned
    assert redaction.REDACTED in cleaned


def test_hides_secret_fields_at_any_depth() -> None:
    line = {
        "event": "x",
        "headers": {"Authorization": "anything", "Accept": "json"},
        "cards": [{"cvc": "123", "number": 4242424242424242, "last4": "4242"}],
        "db_password": "p",
        "account": {"email": "ada", "phone": "+1 555", "ip": "10.0.0.1", "description": "shipping"},
    }
    assert redaction.redact(line) == {
        "event": "x",
        "headers": {"Authorization": "[redacted]", "Accept": "json"},
        "cards": [{"cvc": "[redacted]", "number": "[redacted]", "last4": "4242"}],
        "db_password": "[redacted]",
        "account": {"email": "[redacted]", "phone": "[redacted]", "ip": "[redacted]", "description": "shipping"},
    }


@pytest.mark.parametrize("harmless", ["INV-000123", "order 4242424242424243", "2026-11-23T19:30:43.882525Z", "12.50"])
def test_leaves_harmless_text_alone(harmless: str) -> None:
    assert redaction.text(harmless) == harmless


@given(st.uuids())
def test_leaves_every_uuid_alone(value: UUID) -> None:
    assert redaction.text(f"account {value} of {uuid7()}").startswith(f"account {value} of ")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner)))
def test_never_fails(value: object) -> None:
    assert redaction.processor(None, "info", {"event": value}).keys() == {"event"}


CREDENTIALS = [redaction._MAIL, redaction._SCHEME, redaction._KEY, redaction._SIGNED_LINK, redaction._URL_PASSWORD,
               redaction._PAIR]  # fmt: skip


@pytest.mark.parametrize("pattern", CREDENTIALS, ids=lambda each: each.pattern[:20])
@given(st.data())
def test_whatever_a_pattern_finds_is_not_let_by_unread(pattern: re.Pattern[str], data: st.DataObject) -> None:
    found = data.draw(st.from_regex(pattern, fullmatch=True)).casefold()
    assert any(hint in found for hint in redaction._HINTS)


NASTY = st.sampled_from(
    ["4242424242424242", "424242424242", "4242", "a@b.example", "sk_test_abcdefgh", "\u017fk_test_abcdefgh",
     "/pay/" + "x" * 30, "Bearer abcdefgh", "\n", " ", "-", "passwo", "rd=abc", "é", "", "plain"]
)  # fmt: skip
VALUES = st.one_of(
    st.lists(NASTY, max_size=3).map("".join), st.text(), st.none(), st.booleans(), st.floats(allow_nan=False),
    st.integers(), st.lists(NASTY, max_size=2), st.just(4242424242424242), st.just({"token": "x"}), st.builds(uuid7),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["event", "path", "email", "api_key", "number", "extra"]), VALUES))
def test_a_line_is_let_by_only_if_nothing_in_it_is_hidden(line: dict[str, object]) -> None:
    careful = {name: redaction.redact(value, name) for name, value in line.items()}
    quick = redaction.processor(None, "info", line)
    assert quick == careful
    assert {name: type(value) for name, value in quick.items()} == {n: type(v) for n, v in careful.items()}
