"""What the buttons of invoices and runs do: the document, its mail, how far a run is, and what failed again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.access.models import User
from apps.access.rules import Role
from apps.invoices.document import render
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.kernel.schedule import Scope
from apps.notifications.models import Message
from apps.subscriptions.actions.run import run_due
from apps.subscriptions.models import BillingRun, Subscription
from tests.accounts.test_admin import staff
from tests.backoffice.desk import actors, said
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
