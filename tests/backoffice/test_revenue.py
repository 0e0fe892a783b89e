"""The page of recurring revenue: figures, the file, roles, as many queries for any number."""

import csv
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.rules import Role, may
from apps.analytics.periods import before
from apps.kernel import clock
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from tests.accounts.test_admin import staff
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription

pytestmark = [pytest.mark.django_db, pytest.mark.fr("FR-117", "FR-118")]
PAGE = "/admin/revenue/"


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def months_ago(count: int) -> datetime:
    """Noon of the second of that month: whatever the zone, it is in it."""
    month = before(clock.wall().date(), count)
    return datetime(month.year, month.month, 2, 12, tzinfo=UTC)


def some(currency: str = "USD") -> None:
    """Two customers of two months ago: one grew the month after, and one left."""
    kept, left = (
        make_subscription(
            account=make_account(at=months_ago(2), currency=currency),
            plan=make_plan(at=months_ago(2), prices={currency: 4900}),
            at=months_ago(2),
        )
        for _ in range(2)
    )
    change(subscription_id=kept.pk, quantity=3, at=months_ago(1), actor=ACTOR)
    cancel(subscription_id=left.pk, at=months_ago(1), actor=ACTOR)


def test_figures() -> None:
    some()
    some("EUR")
    browser = staff(Role.FINANCE_VIEWER)
    text = words(browser.get(PAGE, {"currency": "USD", "months": "3"}))
    assert "Monthly recurring revenue 147.00 USD 1 customers." in text
    assert "What a customer is worth 441.00 USD 147.00 USD a month for 3.0 months." in text
    last = f"{before(clock.wall().date(), 1):%Y-%m}"
    assert f"{last} 98.00 USD - - 98.00 USD - -49.00 USD 147.00 USD 1" in text
    assert f"{last} 1 of 2 50.0 % 0 49.00 USD 0.00 USD 50.0 % -50.0 %" in text
    assert "147.00 EUR" in words(browser.get(PAGE, {"currency": "EUR"}))
    assert browser.get(PAGE, {"currency": "'; --", "months": "-5", "clock": "x"}).status_code == 200


def test_the_file() -> None:
    some()
    answer: Any = staff(Role.FINANCE_VIEWER).get(PAGE, {"currency": "USD", "format": "csv", "months": "3"})
    assert answer["Content-Disposition"] == 'attachment; filename="mrr.csv"'
    rows = list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))
    assert [(row["new"], row["expansion"], row["churn"], row["closing"]) for row in rows] == [
        ("0", "0", "0", "14700"), ("0", "9800", "4900", "14700"), ("9800", "0", "0", "9800"),
    ]  # fmt: skip


def test_nobody_pays() -> None:
    assert "Nobody has paid for a subscription in these months." in words(staff(Role.BILLING_ADMIN).get(PAGE))


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
