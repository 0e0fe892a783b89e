"""The embedded provider: which rate applies where and when."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.kernel.errors import DomainError
from apps.tax import provider
from apps.tax.models import Registration, TaxRate
from apps.tax.provider import QuoteRequest
from apps.tax.rate_table import RateTable
from apps.tax.rules import AppliedRate, TaxableLine
from tests.factories.tax import rate, registered

pytestmark = pytest.mark.django_db
DAY = date(2026, 4, 1)


def ask(country: str = "DE", *, on: date = DAY, line: TaxableLine | None = None, **fields):
    request = QuoteRequest(country=country, on=on, currency="EUR", lines=[line or TaxableLine(10000)], **fields)
    [quote] = provider.current().quote([request])
    return quote.lines[0].applied


@pytest.mark.fr("FR-097")
def test_the_table_ships_with_the_rates_of_the_union():
    shipped = {row.jurisdiction: row for row in TaxRate.objects.filter(valid__contains=DAY)}
    assert " ".join(sorted(shipped)) == (
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
    )
    assert all(row.source and row.category == "standard" for row in shipped.values())
    assert not Registration.objects.exists()


@pytest.mark.fr("FR-097")
@pytest.mark.parametrize(
    ("country", "before", "day", "after"),
    [("EE", 22, date(2025, 7, 1), 24), ("FI", 24, date(2024, 9, 1), Decimal("25.5")), ("RO", 19, date(2025, 8, 1), 21),
     ("SK", 20, date(2025, 1, 1), 23)],
)  # fmt: skip
def test_a_rate_holds_from_its_day(country, before, day, after):
    registered(country)
    assert ask(country, on=date.fromordinal(day.toordinal() - 1)).rate == before
    assert ask(country, on=day).rate == after


def test_no_registration_no_tax():
    assert (ask().rate, ask().reason) == (0, "not_registered")
    registered("DE", start=date(2026, 2, 1), end=date(2026, 4, 1))
    assert ask(on=date(2026, 1, 31)).reason == "not_registered"
    assert ask(on=date(2026, 3, 31)).rate == 19
    assert ask(on=DAY).reason == "not_registered"


@pytest.mark.fr("FR-099")
def test_exempt_goes_before_all():
    registered("DE")
    assert (ask(exempt=True).rate, ask(exempt=True).reason) == (0, "exempt")


def test_the_nearest_place_and_the_narrowest_category_first():
    registered("US")
    rate("US", "1")
    rate("US-CA", "7.25", name="Sales tax")
    rate("US-CA", "2", category="saas")
    assert ask("US", region="NY").rate == 1
    found = ask("US", region="CA")
    assert (found.jurisdiction, found.name, found.rate, found.category) == (
        "US-CA", "Sales tax", Decimal("7.25"), "standard",
    )  # fmt: skip
    assert ask("US", region="CA", line=TaxableLine(100, "saas")).rate == 2
    assert ask("US", region="CA", line=TaxableLine(100, "books")).rate == Decimal("7.25")


def test_a_carried_rate_stays():
    carried = AppliedRate("DE", "VAT", Decimal(16))
    assert ask(line=TaxableLine(-100, carried=carried), exempt=True) == carried


def test_registered_without_a_rate_is_refused():
    registered("BR")
    with pytest.raises(DomainError) as refusal:
        ask("BR")
    assert refusal.value.code == "tax_rate_missing"


def test_any_number_of_requests_takes_two_queries():
    registered("DE")
    requests = [
        QuoteRequest(country=country, on=DAY, currency="EUR", lines=[TaxableLine(100)] * 3)
        for country in ("DE", "FR", "US") * 50
    ]
    with CaptureQueriesContext(connection) as captured:
        quotes = RateTable().quote(requests)
    assert len(captured) == 2
    assert [quote.tax for quote in quotes[:3]] == [57, 0, 0]
    assert RateTable().quote([]) == []


def test_the_setting_names_the_provider(settings):
    settings.TAX_PROVIDER = "nowhere"
    with pytest.raises(ImproperlyConfigured, match="rate_table"):
        provider.current()


def test_a_name_is_taken_once():
    with pytest.raises(ValueError, match="already"):
        provider.register(RateTable())
