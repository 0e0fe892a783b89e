"""The dashboard against a company counted by hand, by role and by clock."""

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.utils.html import strip_tags

from apps.access.rules import Role
from apps.backoffice import figures
from apps.backoffice.tables import Card
from apps.clocks.actions import create as make_clock
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.payments.models import Payment
from apps.subscriptions.models import BillingRun
from tests.accounts.test_admin import staff
from tests.factories.invoices import ACTOR, invoice, payer
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db


def ago(days: int) -> datetime:
    return clock.wall() - timedelta(days=days)


def pay(one: Invoice, amount: int, at: datetime, **fields: Any) -> Payment:
    """A payment that ended, and what it takes off the invoice if it succeeded."""
    given: dict[str, Any] = {"status": "SUCCEEDED", "currency": one.currency, "method": "card", **fields}
    made = Payment.objects.create(invoice=one, account_id=one.account_id, amount=amount, settled_at=at, **given)
    if made.status == "SUCCEEDED":
        record_payment(invoice_id=one.pk, payment_id=made.pk, amount=amount, paid_at=at, actor=ACTOR)
    return made


@pytest.fixture
def company(db: None) -> None:
    ada, bob = payer(net_terms_days=10), payer(name="Bob", net_terms_days=10)
    cleo = payer(name="Cleo", currency="EUR", net_terms_days=10)
    pay(invoice(4900, account=ada, at=ago(45)), 900, ago(29))  # overdue 40.00, collected 9.00
    invoice(1000, account=bob, at=ago(2))  # open, not due yet
    pay(invoice(700, account=bob, at=ago(40)), 700, ago(31))  # collected too long ago
    invoice(2500, account=cleo, at=ago(0))
    pay(invoice(800, account=cleo, at=ago(5)), 800, ago(5), amount_refunded=300)
    declined = invoice(300, account=bob, at=ago(1))
    pay(declined, 300, ago(1), status="FAILED", failure_code="insufficient_funds", failure_message="raw words")
    pro, basic = make_plan(name="Professional"), make_plan(name="Basic")
    for plan, days in ((pro, 5), (pro, 20), (basic, 5)):
        make_subscription(account=payer(name=f"{plan.name} {days}"), plan=plan, at=ago(0), trial_days=days)
    BillingRun.objects.create(at=ago(0), due=4000, done=1000, invoices=990, failed=7)


def cards(answer: Any) -> dict[str, list[str]]:
    """What each card says, in words."""
    shown: list[Card] = answer.context["board"].cards
    return {card.title: [unescape(strip_tags(str(text))) for text, _ in card.lines] for card in shown}


def tables(answer: Any) -> dict[str, list[list[str]]]:
    return {
        table.title: [[unescape(strip_tags(str(cell))).strip() for cell in row] for row in table.rows]
        for table in answer.context["board"].tables
    }


@pytest.mark.fr("FR-047")
def test_figures_are_those_counted_by_hand(company: None) -> None:
    answer = staff(Role.FINANCE_VIEWER).get("/admin/")
    assert cards(answer) == {
        "Open invoices": ["25.00 EUR 1", "53.00 USD 3"],
        "Overdue": ["40.00 USD 1"],
        "Collected in 30 days": ["5.00 EUR 1", "9.00 USD 1"],
        "New subscriptions in 30 days": ["Professional 2", "Basic 1"],
    }
    shown = tables(answer)
    [failed] = shown["Failed payments"]
    assert failed[:3] == [
        "Bob",
        "3.00 USD",
        "Not enough money on the card. It is worth trying again, best after payday.",
    ]
    [run] = shown["Billing runs"]
    assert run[1:] == ["running", "1,000 of 4,000", "990", "7 failed", "wall"]
    assert sorted(row[:2] for row in shown["Trials that end within 14 days"]) == [
        ["Basic 5", "Basic"], ["Professional 5", "Professional"],
    ]  # fmt: skip


@pytest.mark.fr("FR-047")
def test_each_figure_leads_to_the_rows_that_it_counts(company: None) -> None:
    browser = staff(Role.FINANCE_VIEWER)
    for card in browser.get("/admin/").context["board"].cards:
        for text, address in card.lines:
            count = int(strip_tags(str(text)).rsplit(" ", 1)[1])
            answer = browser.get(address)
            assert (answer.status_code, len(answer.context["cl"].result_list)) == (200, count), (card.title, address)
    for table in browser.get("/admin/").context["board"].tables:
        assert browser.get(table.more).status_code == 200, table.title


@pytest.mark.fr("FR-005")
@pytest.mark.parametrize("role", list(Role))
def test_sums_are_for_those_who_have_analytics(company: None, role: Role) -> None:
    answer = staff(role).get("/admin/")
    sums = {"Open invoices", "Overdue", "Collected in 30 days"}
    assert sums & set(cards(answer)) == (set() if role == Role.SUPPORT_REP else sums)
    assert set(tables(answer)) == {"Failed payments", "Billing runs", "Trials that end within 14 days"}


def test_without_a_role_nothing_is_shown(company: None) -> None:
    answer = staff(None).get("/admin/")
    assert (cards(answer), tables(answer)) == ({}, {})
    assert "no role yet" in answer.content.decode()


@pytest.mark.fr("FR-005")
def test_who_lives_on_a_test_clock_is_counted_by_it(company: None) -> None:
    spring = make_clock(name="Spring", frozen_time=ago(400), actor=ACTOR)
    late = payer(name="Dora", net_terms_days=10, test_clock_id=spring.pk)
    pay(invoice(60, account=late, at=ago(420)), 10, ago(405))
    browser = staff(Role.SUPER_ADMIN)
    wall = cards(browser.get("/admin/"))
    assert wall == cards(browser.get("/admin/?clock=wall"))
    assert wall["Open invoices"] == ["25.00 EUR 1", "53.00 USD 3"]
    there = cards(browser.get(f"/admin/?clock={spring.pk}"))
    assert (there["Open invoices"], there["Overdue"], there["Collected in 30 days"]) == (
        ["0.50 USD 1"], ["0.50 USD 1"], ["0.10 USD 1"],
    )  # fmt: skip
    assert cards(browser.get(f"/admin/?clock={uuid7()}")) == wall


def test_where_everybody_is_on_a_test_clock_the_newest_is_looked_at(db: None) -> None:
    spring = make_clock(name="Spring", frozen_time=ago(400), actor=ACTOR)
    payer(test_clock_id=spring.pk)
    looked = figures.view("", clock.wall())
    assert (looked.clock, looked.at) == (spring, spring.frozen_time)
    assert figures.view("wall", clock.wall()).clock is None
