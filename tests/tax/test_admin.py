"""The seller's page: read by whom invoices are for, described anew by a Super Admin, and what it refuses."""

import base64
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.access.models import User
from apps.access.rules import Role
from apps.tax.models import Seller
from tests.accounts.test_admin import staff
from tests.backoffice.desk import actors, detail, said

pytestmark = pytest.mark.django_db

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#1f3a5f"/></svg>'
PROFILE = {
    "legal_name": "Analytical Engines GmbH", "line1": "Unter den Linden 1", "postal_code": "10117", "city": "Berlin",
    "country": "DE", "email": "billing@example.com", "iban": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX",
    "brand_color": "#112233", "accent_color": "#445566",
}  # fmt: skip


def send(browser: Client, **fields: Any) -> Any:
    seller = Seller.objects.get()
    return browser.post(detail(seller), {**PROFILE, "seen": seller.version, **fields})


@pytest.mark.parametrize("role", list(Role))
def test_read_by_all_roles_and_written_by_one(role: Role) -> None:
    browser, seller = staff(role), Seller.objects.get()
    assert detail(seller) in browser.get(reverse("admin:tax_seller_changelist")).content.decode()
    page = browser.get(detail(seller))
    may = role == Role.SUPER_ADMIN
    assert (page.status_code, 'name="_save"' in page.content.decode()) == (200, may)
    assert send(browser).status_code == (302 if may else 403)
    assert (Seller.objects.get().legal_name == PROFILE["legal_name"]) == may


def test_under_ones_own_name_and_the_logo_stays_until_it_is_taken_off() -> None:
    browser = staff(Role.SUPER_ADMIN)
    logo = SimpleUploadedFile("logo.svg", SVG, content_type="image/svg+xml")
    assert "from now on" in said(send(browser, logo_file=logo))
    seller = Seller.objects.get()
    assert (seller.iban, seller.logo) == (
        "DE89370400440532013000", f"data:image/svg+xml;base64,{base64.b64encode(SVG).decode()}",
    )  # fmt: skip
    assert str(User.objects.get().actor) in actors("tax_seller", seller.pk)
    assert "bo-logo" in browser.get(detail(seller)).content.decode()
    send(browser, city="Potsdam")
    assert (Seller.objects.get().city, Seller.objects.get().logo) == ("Potsdam", seller.logo)
    send(browser, without_logo="on")
    assert Seller.objects.get().logo == ""


def test_what_is_wrong_is_said_and_changes_nothing() -> None:
    browser, before = staff(Role.SUPER_ADMIN), Seller.objects.values().get()
    for fields, words in (
        ({"country": "Germany"}, "Two capitals"), ({"brand_color": "red"}, "A colour such as"),
        ({"bic": "x"}, "Eight or eleven"), ({"legal_name": ""}, "This field is required"),
        ({"logo_file": SimpleUploadedFile("a.gif", b"GIF89a", content_type="image/gif")}, "PNG or SVG"),
        ({"logo_file": SimpleUploadedFile("a.png", b"x" * 70000, content_type="image/png")}, "70,000 bytes"),
    ):  # fmt: skip
        answer = send(browser, **fields)
        assert (answer.status_code, words in answer.content.decode()) == (200, True), fields
    for fields, words in (
        ({"iban": "DE00 0000"}, "no IBAN"), ({"seen": 99}, "Read the object again"),
        ({"logo_file": SimpleUploadedFile("a.svg", b"<svg><script/></svg>", content_type="image/svg+xml")}, "script"),
    ):  # fmt: skip
        assert words in said(send(browser, **fields)), fields
    assert Seller.objects.values().get() == before
