"""Who sells: one row, there from the start, changed as a whole by Super Admins."""

import base64
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.access.actions import create_api_key
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.errors import Invalid
from apps.tax import seller_rules
from apps.tax.models import Seller
from apps.tax.queries import seller

ACTOR = system("tests")
PROFILE = {
    "legal_name": "Nordlicht Software GmbH",
    "address": {"line1": "Hafenstrasse 12", "postal_code": "20457", "city": "Hamburg"},
    "country": "DE",
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#123456"/></svg>'


def url(content: bytes, kind: str = "svg+xml") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


@pytest.fixture
def call() -> Any:
    def send(method: str, body: Any = None, role: str = "super_admin", **headers: str) -> Any:
        key = create_api_key(name="t", role=role, livemode=False, rate_limit=0, at=clock.wall(), actor=ACTOR)[1]
        client = Client(headers={"Authorization": f"Bearer {key}", **headers})
        given = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(client, method)("/v1/tax/seller", **given)

    return send


@pytest.mark.django_db
def test_it_is_there_from_the_start(call: Any) -> None:
    answer = call("get", role="finance_viewer")
    assert (answer.status_code, answer.json()["legal_name"]) == (200, "Your company")


@pytest.mark.django_db
def test_changed_as_a_whole(call: Any) -> None:
    more = {"iban": "de89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX", "brand_color": "#aa0011", "logo": url(SVG)}
    first = call("put", {**PROFILE, **more})
    assert first.status_code == 200, first.content
    assert (first.json()["iban"], first.json()["brand_color"]) == ("DE89370400440532013000", "#aa0011")
    assert first.json()["logo"] == url(SVG)
    second = call("put", PROFILE, **{"If-Match": first.headers["ETag"]})
    assert (second.json()["iban"], second.json()["brand_color"]) == (None, seller_rules.BRAND_COLOR)
    assert call("put", PROFILE, **{"If-Match": first.headers["ETag"]}).status_code == 412
    assert Seller.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"iban": "DE89 3704 0044 0532 0130 01"}, "iban_invalid"),
        ({"bic": "COBA"}, "shape"),
        ({"brand_color": "red"}, "shape"),
        ({"brand_color": "#AA0011; x"}, "invalid"),
        ({"country": "XX"}, "country_unknown"),
        ({"legal_name": ""}, "blank"),
        ({"vat": "x"}, "unknown_field"),
        ({"logo": "https://example.com/logo.svg"}, "logo_invalid"),
        ({"logo": url(b"GIF89a", "png")}, "logo_invalid"),
        ({"logo": url(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1broken", "png")}, "logo_invalid"),
    ],
)
def test_faults_are_named(call: Any, fault: dict[str, Any], code: str) -> None:
    answer = call("put", {**PROFILE, **fault})
    assert answer.status_code == 422
    assert code in [answer.json()["code"], *(each["code"] for each in answer.json()["errors"])]
    assert seller().legal_name == "Your company"


@pytest.mark.parametrize(
    "inside",
    [
        b"<script>1</script>",
        b'<image href="file:///etc/passwd"/>',
        b'<rect onload="x()"/>',
        b'<a href="https://example.com"/>',
        b"<style>@import 'x'</style>",
        b'<rect fill="url(http://example.com)"/>',
        b"<broken>",
    ],
)
def test_a_logo_is_shapes_alone(inside: bytes) -> None:
    with pytest.raises(Invalid):
        seller_rules.logo(url(SVG.replace(b"</svg>", inside + b"</svg>")))


def test_no_entity_and_no_flood() -> None:
    for content in (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, b"<html/>", SVG + b" " * seller_rules.LOGO_BYTES):
        with pytest.raises(Invalid):
            seller_rules.logo(url(content))


@pytest.mark.django_db
def test_only_super_admins_change_it(call: Any) -> None:
    assert call("put", PROFILE, role="billing_admin").status_code == 403
    assert Client().get("/v1/tax/seller").status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("change", [lambda: Seller.objects.all().delete(), lambda: Seller.objects.create()])
def test_there_is_exactly_one(change: Any) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        change()
    assert Seller.objects.count() == 1
