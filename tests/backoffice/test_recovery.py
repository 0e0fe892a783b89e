"""The page of what became of failed payments: figures, filters, the file, roles, as many queries for any number."""

import csv
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.rules import Role, may
from apps.kernel import clock
from tests.accounts.test_admin import staff
from tests.analytics.cases import case
from tests.factories.invoices import payer

pytestmark = [pytest.mark.django_db, pytest.mark.fr("SC-019", "SC-020")]
PAGE = "/admin/recovery/"


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def some() -> None:
    """Three of a month ago, two recovered, one in euros."""
    then = clock.wall() - timedelta(days=32)
    case(then, origin="retry")
    case(then, amount=5100, reason="stolen_card", origin="page", days=12)
    case(then, amount=10000)
    case(then, account=payer(currency="EUR"))


def test_figures() -> None:
    some()
    browser = staff(Role.FINANCE_VIEWER)
    text = words(browser.get(PAGE, {"currency": "USD"}))
    assert "Failed at first 200.00 USD 3 invoices." in text
    assert "Recovered since 100.00 USD 50.0 %" in text
    assert "Within ten days 24.5 %" in text
    assert "2 of 3 200.00 USD 100.00 USD 50.0 % 24.5 %" in text
    assert "Retry 1" in text
    assert "Customer, on the invoice&#x27;s page" in text
    assert "The card was reported stolen" in text
    assert "Failed at first 49.00 EUR 1 invoices." in words(browser.get(PAGE, {"currency": "EUR"}))
    assert browser.get(PAGE, {"currency": "'; --", "months": "-5", "clock": "x"}).status_code == 200


def test_the_file() -> None:
    some()
    answer = staff(Role.FINANCE_VIEWER).get(PAGE, {"currency": "USD", "format": "csv"})
    assert answer["Content-Disposition"] == 'attachment; filename="recovery.csv"'
    rows = list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))
    assert {(row["reason"], row["origin"], row["recovered_amount"]) for row in rows} == {
        ("insufficient_funds", "retry", "4900"), ("insufficient_funds", "not recovered", "0"),
        ("stolen_card", "page", "5100"),
    }  # fmt: skip


def test_nothing_failed() -> None:
    assert "No payment has failed in these months." in words(staff(Role.BILLING_ADMIN).get(PAGE))


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("role", list(Role))
def test_roles(role: Role) -> None:
    browser = staff(role)
    wanted = 200 if may(role, "analytics", "read") else 403
    assert browser.get(PAGE).status_code == wanted
    assert browser.get(PAGE, {"format": "csv"}).status_code == wanted
    assert (PAGE in browser.get("/admin/").content.decode()) == (wanted == 200)
    assert Client().get(PAGE).headers["Location"].startswith("/admin/login/")


def test_as_many_queries_for_any_number() -> None:
    some()
    browser = staff(Role.FINANCE_VIEWER)
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        browser.get(PAGE)
    some()
    some()
    with CaptureQueriesContext(connection) as many:
        browser.get(PAGE)
    assert len(many) == len(few)
