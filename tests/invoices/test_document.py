"""The invoice's document: what it says, that it says it the same way each time, and that nobody speaks typst to it."""

import io
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pypdf
import pytest
from django.test import Client

from apps.access.actions import create_api_key
from apps.invoices import document
from apps.invoices.actions.settle import record_payment
from apps.invoices.document_figures import Figures
from apps.invoices.document_press import press, seen
from apps.invoices.document_words import words
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.tax import actions as tax
from tests.factories.invoices import ACTOR, AT, draft, issued, line, payer
from tests.factories.tax import registered

SELLER = {
    "legal_name": "Nordlicht Software GmbH", "line1": "Hafenstrasse 12", "postal_code": "20457", "city": "Hamburg",
    "country": "DE", "email": "billing@nordlicht.example", "registration": "HRB 123456, Amtsgericht Hamburg",
    "bank_name": "Hanse Bank", "iban": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX",
    "footer": "Vielen Dank für Ihr Vertrauen.",
}  # fmt: skip
NASTY = '#eval("1") $x^2$ \\ *b* _i_ `c` <a> @b // [x] {y} \u202e مرحبا שלום'


def german(**fields: Any) -> Invoice:
    registered("DE")
    tax.describe_seller(profile=SELLER, actor=ACTOR)
    given = {
        "name": "Müller & Söhne KG", "country": "DE", "currency": "EUR", "locale": "de_DE", "timezone": "Europe/Berlin",
        "address": {"line1": "Hauptstrasse 1", "postal_code": "10115", "city": "Berlin"}, "tax_id": "DE129273398",
    }  # fmt: skip
    return issued(
        [draft(payer(**{**given, **fields}), line(490_000, quantity=Decimal(10), unit_amount=Decimal(49000)))]
    )[0]


def text(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "\n".join(page.extract_text() for page in pages).replace("\u00a0", " ").replace("\u202f", " ")


def solid(said: str) -> str:
    """Without white space: where lines break is the template's matter."""
    return "".join(said.split())


@pytest.mark.django_db
def test_a_german_invoice_says_all_that_it_must() -> None:
    said = text(document.render(german().pk))
    for words_ in (
        "Rechnung", "INV-2026-000001", "Nordlicht Software GmbH", "Hafenstrasse 12", "20457 Hamburg", "HRB 123456",
        "Müller & Söhne KG", "10115 Berlin", "DE129273398", "1. April 2026", "1. Mai 2026", "1.\u201330. Apr. 2026",
        "490,00", "4.900,00", "19 %", "931,00 €", "5.831,00 €", "5.831,00 € zahlbar bis 1. Mai 2026",
        "DE89 3704 0044 0532 0130 00", "COBADEFFXXX", "Vielen Dank", "VAT · Deutschland", "Seite 1 von 1",
    ):  # fmt: skip
        assert words_ in said, (words_, said)


@pytest.mark.django_db
def test_what_was_paid_and_what_is_left() -> None:
    one = german()
    record_payment(invoice_id=one.pk, payment_id=uuid4(), amount=83_100, paid_at=AT, actor=ACTOR)
    assert "5.000,00 € zahlbar bis" in text(document.render(one.pk))
    # Late on the 4th in UTC is the 5th in Berlin.
    at = datetime(2026, 4, 4, 23, tzinfo=UTC)
    record_payment(invoice_id=one.pk, payment_id=uuid4(), amount=500_000, paid_at=at, actor=ACTOR)
    said = text(document.render(one.pk))
    assert "Bezahlt am 5. April 2026" in said
    assert "DE89" not in said, "nobody is told how to pay what is paid"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"tax_exempt": True}, "Steuerbefreit"),
        ({"country": "FR"}, "Keine Steuer: Der Verkäufer ist dort nicht steuerlich registriert."),
    ],
)
def test_why_there_is_no_tax(fields: dict[str, Any], reason: str) -> None:
    assert reason in text(document.render(german(**fields).pk))


def test_every_reason_has_words_in_every_language() -> None:
    for language in ("en", "de", "fr", "es", "ja"):
        assert all(words(language)[name] for name in ("exempt", "not_registered", "reverse_charge"))
    assert words("sv") == words("en")
    assert words("ja")["invoice"] == "請求書"


@pytest.mark.django_db
def test_japanese_stands_in_a_font_that_has_it() -> None:
    account = payer(name="株式会社テスト 髙橋", currency="JPY", locale="ja_JP", country="JP", timezone="Asia/Tokyo")
    pdf = document.render(issued([draft(account, line(4900))])[0].pk)
    said = text(pdf)
    for words_ in ("請求書", "株式会社テスト 髙橋", "2026年4月1日", "4,900"):
        assert solid(words_) in solid(said)
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in pypdf.PdfReader(io.BytesIO(pdf)).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert any("NotoSansCJK" in name for name in fonts), fonts


@pytest.mark.django_db
def test_nothing_a_customer_writes_is_markup() -> None:
    account = payer(name=NASTY, address={"line1": NASTY, "city": "#panic()"}, purchase_order='#read("/etc/passwd")')
    one = issued([draft(account, line(4900, description=NASTY + " " + "W" * 400), metadata={"document_notes": NASTY})])[
        0
    ]
    said = text(document.render(one.pk))
    for words_ in ('#eval("1") $x^2$ \\ *b* _i_ `c` <a> @b // [x] {y}', "#panic()", '#read("/etc/passwd")'):
        assert solid(words_) in solid(said)


def test_what_cannot_be_set_is_left_out() -> None:
    assert seen({"a": ["x\x00y", "\ud800z\n"], "b": [1, 2]}) == {"a": ["xy", "z\n"], "b": [1, 2]}


def test_what_no_font_has_is_a_box() -> None:
    family = "\U0001f469\u200d\U0001f4bb"
    assert seen(f"{family} \u12a0\u121b") == "\u25a1\u200d\u25a1 \u25a1\u25a1"
    assert seen("\u2602\ufe0f \U0001f44d\U0001f3fb") == "\u25a1 \u25a1", "what marks another one is left out"
    assert seen("a\tb\nc \u9ad9 Zo\u00eb") == "a\tb\nc \u9ad9 Zo\u00eb"


@pytest.mark.django_db
def test_a_document_with_what_no_font_has() -> None:
    account = payer(name="Ada \U0001f469\u200d\U0001f4bb \u12a0\u121b\u122d\u129b \u2602\ufe0f")
    pdf = document.render(issued([draft(account, line(4900, description="Pro \U0001f680, April"))])[0].pk)
    said = solid(text(pdf))
    assert "Pro\u25a1,April" in said
    assert "Ada\u25a1" in said


@pytest.mark.django_db
def test_many_lines_go_over_pages_that_are_numbered() -> None:
    account = payer(name="W" * 255)
    lines = [line(100 + number, description=f"Line {number} " + "long words " * 12) for number in range(40)]
    pdf = document.render(issued([draft(account, *lines)])[0].pk)
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page.extract_text()
    assert "Line 0 " in text(pdf)
    assert "Line 39 " in text(pdf)


@pytest.mark.parametrize(
    ("locale", "code", "amount", "written"),
    [
        ("de_DE", "EUR", 123456, "1.234,56 €"),
        ("ja_JP", "JPY", 123456, "￥123,456"),
        ("en_US", "KWD", 123456, "KWD 123.456"),
        ("fr_FR", "EUR", -123456, "-1 234,56 €"),
        ("en_US", "IQD", 1234, "IQD 1.234"),
        ("ar", "KWD", 123456, "\u200f123.456 د.ك.\u200f"),
        ("nowhere", "USD", 123456, "$1,234.56"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(locale: str, code: str, amount: int, written: str) -> None:
    assert Figures(locale, code).money(amount).replace("\u00a0", " ").replace("\u202f", " ") == written


RENDER = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "billing_project.settings"
django.setup()
from apps.invoices.document import render
import hashlib
print(hashlib.sha256(render(sys.argv[1])).hexdigest())
"""


def test_two_processes_make_the_same_bytes(committed_db: str) -> None:
    one = german()
    told = {**os.environ, "DATABASE_URL": committed_db}
    made = {
        subprocess.run(
            [sys.executable, "-c", RENDER, str(one.pk)], env={**told, "PYTHONHASHSEED": seed}, text=True,
            capture_output=True, check=True,
        ).stdout.strip().splitlines()[-1]
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(made) == 1
    assert document.render(one.pk) == document.render(one.pk)


@pytest.mark.fr("SC-028")
@pytest.mark.django_db
def test_a_document_takes_less_than_fifty_milliseconds() -> None:
    registered("DE")
    account = payer(country="DE", currency="EUR", locale="de_DE")
    one = issued([draft(account, *(line(4900 + number) for number in range(10)))])[0]
    document.render(one.pk)
    seconds = []
    for number in range(10):
        Invoice.objects.filter(pk=one.pk).update(metadata={"document_notes": f"not the one before: {number}"})
        began = time.perf_counter()
        document.render(one.pk)
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.05, seconds


@pytest.mark.django_db
def test_it_takes_six_queries_and_so_do_many(django_assert_num_queries: Any) -> None:
    ids = [german().pk, *(one.pk for one in issued([draft(payer(), line(4900)), draft(payer(), line(100))]))]
    with django_assert_num_queries(6):
        alone = document.render(ids[0])
    with django_assert_num_queries(6):
        made = document.documents(ids)
    assert sorted(made) == sorted(ids)
    assert made[ids[0]].pdf() == alone


def test_the_press_reads_no_file_but_its_own(tmp_path: Any) -> None:
    data = {**_content(), "seller": {**_content()["seller"], "logo": [1, 2, 3], "logo_format": "png"}}
    with pytest.raises(Exception, match="image"):
        press("invoice.typ", data, day=AT.date())


def _content() -> dict[str, Any]:
    brand = {"brand_color": "#000000", "accent_color": "#000000", "logo": None, "logo_format": None}
    return {
        "words": words("en"), "lang": "en", "title": "t", "number": "n", "facts": [], "state": "s", "state_note": None,
        "seller": {"name": "s", "lines": [], "foot": [], **brand}, "bill_to": {"name": "b", "lines": []},
        "discounted": False, "heads": ["a", "b", "c", "d", "e"], "lines": [], "sums": [], "taxes": [], "bank": [],
        "notes": [], "changes": None,
    }  # fmt: skip


@pytest.fixture
def get() -> Any:
    def call(path: str, role: str = "finance_viewer", **headers: str) -> Any:
        key = create_api_key(name="t", role=role, livemode=False, rate_limit=0, at=clock.wall(), actor=ACTOR)[1]
        return Client(headers={"Authorization": f"Bearer {key}", **headers}).get(f"/v1/invoices/{path}")

    return call


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ["application/pdf", "*/*", "application/*", "text/html, application/pdf;q=0.5"])
def test_by_the_api(get: Any, accept: str) -> None:
    one = german()
    answer = get(f"{one.pk}/pdf", Accept=accept)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'inline; filename="INV-2026-000001.pdf"'
    assert answer.content == document.render(one.pk)
    again = get(f"{one.pk}/pdf", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.django_db
def test_refusals_are_problem_documents(get: Any) -> None:
    one = german()
    found = [
        (answer.status_code, answer.headers["Content-Type"], answer.json()["code"])
        for answer in (
            get(f"{uuid4()}/pdf", Accept="application/pdf"),
            get("INV-1/pdf", Accept="application/pdf"),
            get(f"{one.pk}/pdf?size=a5", Accept="application/pdf"),
            get(f"{one.pk}/pdf", Accept="application/json"),
            Client(headers={"Accept": "application/pdf"}).get(f"/v1/invoices/{one.pk}/pdf"),
            get(f"{one.pk}", Accept="application/pdf"),
        )
    ]
    problem = "application/problem+json"
    assert found == [
        (404, problem, "not_found"), (404, problem, "not_found"), (422, problem, "unknown_parameter"),
        (406, problem, "not_acceptable"), (401, problem, "unauthenticated"), (406, problem, "not_acceptable"),
    ]  # fmt: skip
