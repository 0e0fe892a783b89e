"""What the buttons of invoices and runs do: the document, its mail, how far a run is, and what failed again."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.access.models import User
from apps.access.rules import Role
from apps.invoices.document import render
from apps.invoices.einvoice.rendering import render as render_xml
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.kernel.schedule import Scope
from apps.notifications.models import Message
from apps.subscriptions.actions.run import run_due
from apps.subscriptions.models import BillingRun, RunForecast, Subscription
from tests.accounts.test_admin import staff
from tests.backoffice.desk import actors, said
from tests.factories.einvoices import bill, register, selling
from tests.factories.invoices import ACTOR, invoice, payer
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db


def to(name: str, row: Any) -> str:
    return reverse(f"admin:{name}", args=[row.pk])


@pytest.mark.fr("FR-046")
def test_the_pdf_is_what_the_customer_gets() -> None:
    one = invoice()
    answer = staff(Role.FINANCE_VIEWER).get(to("invoices_invoice_pdf", one))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert one.number in answer.headers["Content-Disposition"]
    assert answer.content == render(one.pk)
    assert answer.content.startswith(b"%PDF-")


def test_the_e_invoice_is_a_file_or_says_what_it_lacks() -> None:
    selling(number="")
    one, browser = bill(), staff(Role.FINANCE_VIEWER)
    answer = browser.get(to("invoices_invoice_xml", one))
    assert "BT-31, the seller's VAT number with its country in front: tax_id of POST /v1/tax/" in said(answer)
    register("FR", "FR40303265045")
    answer = browser.get(to("invoices_invoice_xml", one))
    assert answer.headers["Content-Type"] == "application/xml"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{one.number}.xml"'
    assert answer.content == render_xml(one)
    Invoice.objects.filter(pk=one.pk).update(status="VOID", voided_at=clock.wall())
    assert "The invoice is void" in said(browser.get(to("invoices_invoice_xml", one)))
    assert ">XML<" not in browser.get(to("invoices_invoice_change", one)).content.decode()


def test_send_again_writes_a_mail_under_ones_own_name() -> None:
    one, browser = invoice(account=payer(email="ada@example.com")), staff(Role.SUPPORT_REP)
    answer = browser.post(to("invoices_invoice_send_again", one))
    assert said(answer) == "The invoice goes to ada@example.com again."
    message = Message.objects.get(kind="invoice_copy")
    assert (message.to, message.status, message.invoice_id) == ("ada@example.com", "PENDING", one.pk)
    assert actors("notifications_message", message.pk, "INSERT") == {str(User.objects.get().actor)}


def test_what_cannot_be_sent_is_said() -> None:
    one, browser = invoice(), staff(Role.BILLING_ADMIN)
    Invoice.objects.filter(pk=one.pk).update(status="VOID", voided_at=clock.wall())
    assert "only one that is OPEN or PAID is sent" in said(browser.post(to("invoices_invoice_send_again", one)))
    assert not Message.objects.filter(kind="invoice_copy").exists()
    missing = browser.get(reverse("admin:invoices_invoice_pdf", args=[uuid7()]))
    assert (missing.status_code, "There is no such page" in missing.content.decode()) == (404, True)


def test_how_far_a_run_is_costs_one_query_beside_the_session() -> None:
    run = BillingRun.objects.create(at=clock.wall(), due=9, done=4, invoices=3, failed=1)
    browser = staff(Role.SUPPORT_REP)
    with CaptureQueriesContext(connection) as captured:
        answer = browser.get(to("subscriptions_billingrun_progress", run))
    assert answer.json() == {"status": "RUNNING", "due": 9, "done": 4, "invoices": 3, "failed": 1}
    assert len([query for query in captured if "subscriptions_billingrun" in query["sql"]]) == 1
    assert len(captured) <= 4  # session, user, roles, run


@pytest.mark.fr("FR-033")
def test_what_failed_is_tried_again() -> None:
    at = clock.wall() - timedelta(days=40)
    made, healthy = make_subscription(at=at), make_subscription(at=at)
    version, browser = made.plan_version_id, staff(Role.BILLING_ADMIN)
    Subscription.objects.filter(pk=made.pk).update(plan_version=make_plan(prices={"EUR": 100}).versions.get())
    ran = run_due(at=clock.wall(), scope=Scope(), actor=ACTOR)
    assert ran is not None
    page = to("subscriptions_billingrun_change", ran.run)
    assert "price" in browser.get(page).content.decode()
    path = to("subscriptions_billingrun_retry", ran.run)
    assert said(browser.post(path)) == "1 tried again: 0 billed, 1 stopped again."
    Subscription.objects.filter(pk=made.pk).update(plan_version_id=version)
    assert said(browser.post(path)) == "1 tried again: 1 billed, 0 stopped again."
    assert Invoice.objects.filter(account=made.account).count() == 2
    assert Invoice.objects.filter(account=healthy.account).count() == 2
    assert "billed since" in browser.get(page).content.decode()
    assert str(User.objects.get().actor) in actors("subscriptions_subscription", made.pk)
    assert said(browser.post(path)).startswith("0 tried again")


@pytest.mark.fr("B-05")
def test_a_held_run_shows_why_and_two_people_let_it_go_on() -> None:
    run = BillingRun.objects.create(
        at=clock.wall(), status="HELD", due=900, forecasted=900, forecast_invoices=880, approvals_needed=2,
        held_because=[{"code": "total_USD", "detail": "USD changes by +18.4 %; 10 % is allowed."}],
    )  # fmt: skip
    RunForecast.objects.create(run=run, currency="USD", last=4410000, next=5221440, price=900000, lost=-88560)
    RunForecast.objects.create(run=run, currency="JPY", last=1980, next=1980)
    ada, grace = staff(Role.BILLING_ADMIN), staff(Role.SUPER_ADMIN)
    page, approve = to("subscriptions_billingrun_change", run), to("subscriptions_billingrun_approve", run)
    shown = ada.get(page).content.decode()
    for text in (
        "Waits for approval", "USD changes by +18.4 %; 10 % is allowed.", "Forecast: 880 invoices of 900 subscriptions",
        "44,100.00", "9,000.00", "885.60", "52,214.40", "Approvals: 0 of 2", "1,980",
    ):  # fmt: skip
        assert text in shown, text
    assert "Quantity" not in shown.split("Forecast:")[1].split("Approvals:")[0]
    assert said(ada.post(approve)) == "Approved. It needs another person as well before it goes on."
    assert "You have approved this run" in said(ada.post(approve))
    assert said(grace.post(approve)) == "Approved: the run goes on."
    shown = ada.get(page).content.decode()
    assert "Approvals: 2 of 2" in shown
    assert all(user.username in shown for user in User.objects.all())
    assert said(ada.post(to("subscriptions_billingrun_pause", run))).startswith("The run is paused")
    assert said(ada.post(to("subscriptions_billingrun_resume", run))) == "The run goes on."


@pytest.mark.fr("B-05")
def test_a_dry_run_is_one_press() -> None:
    make_subscription(at=clock.wall() - timedelta(days=40))
    last = BillingRun.objects.create(at=clock.wall(), status="FINISHED", finished_at=clock.wall())
    browser, count = staff(Role.BILLING_ADMIN), Invoice.objects.count()
    answer = browser.post(to("subscriptions_billingrun_dry_run", last))
    assert said(answer) == "A dry run over 1 subscriptions that are due now. Nothing of it is billed."
    run = BillingRun.objects.get(dry=True)
    assert answer.url == to("subscriptions_billingrun_change", run)
    assert "Forecast: 1 invoices of 1 subscriptions" in browser.get(answer.url).content.decode()
    assert Invoice.objects.count() == count
    for role in (Role.SUPPORT_REP, Role.FINANCE_VIEWER):
        reader = staff(role)
        assert "Dry run now" not in reader.get(to("subscriptions_billingrun_change", run)).content.decode()
        for way in ("dry_run", "approve", "pause", "resume"):
            assert reader.post(to(f"subscriptions_billingrun_{way}", run)).status_code == 403


@pytest.mark.fr("FR-065")
def test_who_may_collect_sees_the_customers_page() -> None:
    """On it anybody can pay: who only reads gets no link to it."""
    one = invoice()
    shown = staff(Role.SUPPORT_REP).get(to("invoices_invoice_change", one)).content.decode()
    [path] = re.findall(r'href="(/pay/[^"]+)"', shown)
    assert Client().get(path).status_code == 200
    assert "/pay/" not in staff(Role.FINANCE_VIEWER).get(to("invoices_invoice_change", one)).content.decode()
