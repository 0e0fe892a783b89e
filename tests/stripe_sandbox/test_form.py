"""Stripe's form encoding: what the SDK writes is what is read, and contradictions are refused."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe._encode import _api_encode

from billing_project.stripe_sandbox.errors import StripeError
from billing_project.stripe_sandbox.form import decode

NAMES = st.text(st.characters(exclude_characters="[]\x00", codec="utf-8"), min_size=1).filter(lambda name: name != "0")
TEXTS = st.text(st.characters(exclude_characters="\x00", codec="utf-8"))


@given(st.dictionaries(NAMES, st.one_of(TEXTS, st.lists(TEXTS, min_size=1), st.dictionaries(NAMES, TEXTS, min_size=1))))
def test_reads_what_the_sdk_writes(params: dict[str, Any]) -> None:
    assert decode(urlencode(list(_api_encode(params))).encode()) == params


@pytest.mark.parametrize(
    "raw",
    [
        b"a=1&a[b]=2",
        b"a[b]=2&a=1",
        b"a[=1",
        b"[a]=1",
        b"a]b=1",
        b"nothing",
        b"a=%ff",
        b"a=%00",
        b"a" + b"[b]" * 9 + b"=1",
    ],
)
def test_refuses(raw: bytes) -> None:
    with pytest.raises(StripeError) as caught:
        decode(raw)
    assert caught.value.status == 400


def test_a_thousand_fields_and_no_more() -> None:
    assert len(decode("&".join(f"f{number}=1" for number in range(1000)).encode())) == 1000
    with pytest.raises(StripeError):
        decode("&".join(f"f{number}=1" for number in range(1001)).encode())
