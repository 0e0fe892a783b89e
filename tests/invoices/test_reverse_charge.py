"""Invoices to businesses of other member states: no tax, the reason, and the law's sentence on the document."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import actions as accounts
from apps.invoices import document
from apps.invoices.document_words import words
from apps.invoices.models import Invoice, TaxLine
from apps.tax.rules import Behavior
from apps.tax.vat_rules import Status
from tests.factories.invoices import ACTOR, AT, draft, issued, line, payer
from tests.factories.tax import answered, registered, seated
from tests.invoices.test_document import text

pytestmark = pytest.mark.django_db

FRENCH = "FR40303265045"


@pytest.fixture(autouse=True)
def _seller() -> None:
    """Sits in Germany, and charges consumers in France their tax."""
    seated("DE")
    registered("DE", tax_id="DE136695976")
    registered("FR")


def french(**fields: Any) -> Any:
    return payer(**{"country": "FR", "currency": "EUR", "locale": "fr_FR", "tax_id": FRENCH, **fields})


def billed(account: Any, **fields: Any) -> Invoice:
    return issued([draft(account, line(4900, **fields))])[0]


def figures(invoice: Invoice) -> tuple[int, int, int, str]:
    row = TaxLine.objects.get(invoice=invoice)
    assert (row.taxable_amount, row.amount) == (invoice.subtotal, invoice.tax)
    return invoice.subtotal, invoice.tax, invoice.total, row.reason


@pytest.mark.fr("FR-100")
def test_an_exclusive_price_stays_and_is_not_taxed() -> None:
    assert figures(billed(french())) == (4900, 980, 5880, ""), "nobody has said that the number is valid"
    answered(FRENCH)
    one = billed(french())
    assert figures(one) == (4900, 0, 4900, "reverse_charge")
    row = TaxLine.objects.get(invoice=one)
    assert (row.jurisdiction, row.name, row.rate) == ("FR", "", 0)
    assert one.lines.get().tax_reason == "reverse_charge"


@pytest.mark.fr("FR-100")
def test_an_inclusive_price_stays_too() -> None:
    # 4900 x 20 / 120 = 816.67
    assert figures(billed(french(), tax_behavior=Behavior.INCLUSIVE)) == (4083, 817, 4900, "")
    answered(FRENCH)
    assert figures(billed(french(), tax_behavior=Behavior.INCLUSIVE)) == (4900, 0, 4900, "reverse_charge")


@pytest.mark.fr("FR-100")
@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({}, Status.PENDING, (4900, 980, 5880, "")),
        ({}, Status.INVALID, (4900, 980, 5880, "")),
        ({"country": "DE", "tax_id": "DE129273398"}, Status.VALID, (4900, 931, 5831, "")),  # at home
        ({"country": "DE"}, Status.VALID, (4900, 931, 5831, "")),  # another country's number
        ({"country": "CH"}, Status.VALID, (4900, 0, 4900, "not_registered")),
        ({"country": "GB", "tax_id": "XI110305878"}, Status.VALID, (4900, 0, 4900, "not_registered")),
        ({"country": "IT", "tax_id": "IT00743110157"}, Status.VALID, (4900, 0, 4900, "reverse_charge")),
        ({"country": "IT", "tax_id": "IT00743110157"}, Status.PENDING, (4900, 0, 4900, "not_registered")),
        ({"country": "GR", "tax_id": "GR 094 259 216"}, Status.VALID, (4900, 0, 4900, "reverse_charge")),
        ({"tax_exempt": True}, Status.VALID, (4900, 0, 4900, "exempt")),
        ({"tax_id": "fr 40.303.265.045"}, Status.VALID, (4900, 0, 4900, "reverse_charge")),
    ],
)
def test_who_owes_the_tax(fields: dict[str, Any], status: Status, said: tuple[int, int, int, str]) -> None:
    account = french(**fields)
    if status is not Status.PENDING:
        answered(account.tax_id, status)
    assert figures(billed(account)) == said


@pytest.mark.fr("FR-100")
def test_what_vies_says_counts_from_then_on_and_nothing_before() -> None:
    account = french()
    answered(FRENCH)
    first = billed(account)
    answered(FRENCH, Status.INVALID)
    assert figures(billed(account)) == (4900, 980, 5880, "")
    assert figures(first) == (4900, 0, 4900, "reverse_charge")
    accounts.update(account_id=account.pk, changes={"country": "DE"}, expected_version=None, at=AT, actor=ACTOR)
    answered(FRENCH)
    account.refresh_from_db()
    assert figures(billed(account)) == (4900, 931, 5831, "")


@pytest.mark.fr("FR-100")
@pytest.mark.parametrize("locale", ["en_IE", "de_AT", "fr_FR", "es_ES", "ja_JP"])
def test_the_document_says_so_in_the_customers_language(locale: str) -> None:
    answered(FRENCH)
    said = text(document.render(billed(french(locale=locale)).pk))
    sentence = words(locale[:2])["reverse_charge"]
    assert "".join(sentence.split()) in "".join(said.split())
    assert FRENCH in said
    assert "DE136695976" in said


def test_the_seller_is_registered_nowhere() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tax_registration")
    answered(FRENCH)
    assert figures(billed(french())) == (4900, 0, 4900, "not_registered")


def test_any_number_of_businesses_costs_two_queries_more() -> None:
    plain = [french(tax_id="", email=f"{number}@example.com") for number in range(6)]
    texts = [FRENCH, "FR23334175221", "IT00743110157"]
    business = [
        french(tax_id=text, country=text[:2], email=f"{text}{number}@example.com")
        for text in texts
        for number in (1, 2)
    ]

    def statements(some: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            issued([draft(account) for account in some])
        return len(captured)

    statements(plain)
    without = statements(plain)
    assert statements(business) == without + 1, "whether one of them is valid"
    for number in texts:
        answered(number)
    assert statements(business) == without + 2, "and where the seller sits"
    assert statements(business[:1]) - statements(plain[:1]) == 2
