"""Links to invoices: signed, good for some days, the same all day long."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from hypothesis import given
from hypothesis import strategies as st

from apps.invoices.links import ACCOUNT, INVOICE, SALT, Target, account_link, invoice_link, target_of

AT = datetime(2026, 4, 1, 8, tzinfo=UTC)


def token(url: str) -> str:
    return url.rpartition("/pay/")[2]


@pytest.mark.fr("FR-065")
def test_a_link_leads_back_until_it_is_over(settings: Any) -> None:
    settings.BILLING_LINK_DAYS = 10
    found = uuid4()
    said = token(invoice_link(found, at=AT))
    assert target_of(said, at=AT + timedelta(days=10, hours=15)) == Target(INVOICE, found, over=False)
    assert target_of(said, at=AT + timedelta(days=11)) == Target(INVOICE, found, over=True)
    assert target_of(token(account_link(found, at=AT)), at=AT) == Target(ACCOUNT, found, over=False)


def test_it_is_the_same_all_day(settings: Any) -> None:
    found = uuid4()
    assert invoice_link(found, at=AT) == invoice_link(found, at=AT + timedelta(hours=15, minutes=59))
    assert invoice_link(found, at=AT) != invoice_link(found, at=AT + timedelta(hours=16))
    assert invoice_link(found, at=AT).startswith(f"{settings.BILLING_URL}/pay/i")


@pytest.mark.fr("FR-065")
def test_each_character_counts() -> None:
    said = token(invoice_link(uuid4(), at=AT))
    for place, character in enumerate(said):
        other = "A" if character != "A" else "B"
        # The last character of a base64 text has bits that stand for nothing: another of them may mean the same.
        found = target_of(said[:place] + other + said[place + 1 :], at=AT)
        assert found is None, place
    assert target_of(said[:-1], at=AT) is None
    assert target_of(said + "A", at=AT) is None


def test_what_is_signed_for_something_else_is_no_link(settings: Any) -> None:
    value = f"i{uuid4().hex}5000"
    assert target_of(signing.Signer(salt="another", sep=".").sign(value), at=AT) is None
    for odd in ("", "i", "i5000", f"i{uuid4().hex}", f"i{uuid4().hex}xyz", "é" * 40):
        assert target_of(signing.Signer(salt=SALT, sep=".").sign(odd), at=AT) is None
    said = token(invoice_link(uuid4(), at=AT))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert target_of(said, at=AT) is not None, "a changed key leaves sent links good while the old one is kept"
    settings.SECRET_KEY_FALLBACKS = []
    assert target_of(said, at=AT) is None


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    assert target_of(text, at=AT) is None
