"""Every list's search and filters find the right rows, and not the wrong ones."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.access.models import ApiKey, User
from apps.access.rules import Role
from apps.accounts.models import Account
from apps.audit.models import Entry as AuditEntry
from apps.clocks.models import TestClock
from apps.credits.models import Grant
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.notifications.models import Message
from apps.payments.models import GatewayNotice, Payment, PaymentMethod
from apps.plans.models import Plan
from apps.subscriptions.models import BillingRun, RunFailure, Subscription
from tests.accounts.test_admin import staff
from tests.backoffice.desk import found
from tests.backoffice.world import World, world
from tests.factories.credits import credit
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def of(db: None) -> World:
    """Grace's company, and Bob beside it, whose rows nothing here may find."""
    made = world()
    bob = payer(name="Bob Byte", email="bob@example.com", external_key="crm-1")
    known_method(bob)
    credit(bob, 1)
    make_subscription(account=bob, plan=make_plan(name="Basic", key="basic"), external_key="seat-1")
    Message.objects.filter(account=bob).update(to="bob@example.com")
    return made


@pytest.fixture
def browser(db: None) -> Client:
    return staff(Role.SUPER_ADMIN)


@pytest.mark.fr("FR-005")
def test_whole_keys_names_and_ids_find_what_they_mean(of: World, browser: Client) -> None:
    invoices, payments = {of.invoice.pk}, {of.payment.pk}
    method, grant = PaymentMethod.objects.get(account=of.account), Grant.objects.get(account=of.account)
    terms: list[tuple[Any, str, set[Any]]] = [
        *((Account, term, {of.account.pk}) for term in ("hopper", "GRACE@example.com", "crm-9", str(of.account.pk))),
        *((Invoice, term, invoices) for term in (of.invoice.number or "", str(of.invoice.pk), "Grace Hopper",
                                                 "grace@example.com", str(of.subscription.pk))),
        *((Subscription, term, {of.subscription.pk}) for term in ("seat-9", str(of.subscription.pk), "hopper")),
        *((Payment, term, payments) for term in (str(of.payment.pk), of.invoice.number or "", "crm-9")),
        *((PaymentMethod, term, {method.pk}) for term in (method.gateway_id or "", "grace@example.com")),
        *((Grant, term, {grant.pk}) for term in (str(grant.pk), "crm-9")),
        (Plan, "basi", {Plan.objects.get(key="basic").pk}),
        (RunFailure, str(of.run.pk), {of.failure.pk}), (RunFailure, str(of.subscription.pk), {of.failure.pk}),
        *((GatewayNotice, term, {GatewayNotice.objects.get().pk}) for term in ("evt_9", "ch_9")),
        (TestClock, "spri", {of.clock.pk}), (ApiKey, "wareh", {ApiKey.objects.get().pk}),
        (User, "one-super", {User.objects.get().pk}),
        (Message, "grace@example.com", set(Message.objects.filter(account=of.account).values_list("pk", flat=True))),
        (Event, str(of.invoice.pk), set(Event.objects.filter(object_id=of.invoice.pk).values_list("pk", flat=True))),
        (AuditEntry, str(of.account.pk),
         set(AuditEntry.objects.filter(row_id=of.account.pk).values_list("pk", flat=True))),
    ]  # fmt: skip
    for model, term, wanted in terms:
        assert wanted, (model, term)
        assert found(browser, model, q=term) == wanted, (model, term)
        assert found(browser, model, q=f"{term}-no-such") == set(), (model, term)


def test_filters_keep_what_they_say(of: World, browser: Client) -> None:
    today = clock.wall()
    late = invoice(account=payer(net_terms_days=5, name="Late"), at=today - timedelta(days=10))
    very_late = invoice(account=payer(net_terms_days=5, name="Later"), at=today - timedelta(days=50))
    soon = invoice(account=payer(net_terms_days=5, name="Soon", currency="EUR"), at=today)
    assert found(browser, Invoice, due="late") >= {late.pk, very_late.pk}
    assert found(browser, Invoice, due="late") & {soon.pk} == set()
    assert late.pk not in found(browser, Invoice, due="late30")
    assert very_late.pk in found(browser, Invoice, due="late30")
    assert soon.pk in found(browser, Invoice, due="7")
    assert {late.pk, very_late.pk} & found(browser, Invoice, due="7") == set()
    assert found(browser, Invoice, currency__exact="EUR") == {soon.pk}
    assert found(browser, Invoice, account__id__exact=str(of.account.pk)) == {of.invoice.pk}
    assert found(browser, Invoice, status__exact="VOID") == set()
    assert found(browser, Invoice, clock=str(of.clock.pk)) == set()
    assert len(found(browser, Invoice, clock="wall")) == Invoice.objects.count()
    Subscription.objects.filter(pk=of.subscription.pk).update(billing_error="no price")
    assert found(browser, Subscription, renewal="stopped") == {of.subscription.pk}
    assert found(browser, Subscription, plan__id__exact=str(of.subscription.plan_id)) == {of.subscription.pk}
    assert found(browser, Subscription, begun="7") == {of.subscription.pk}
    Payment.objects.filter(pk=of.payment.pk).update(status="FAILED", settled_at=today - timedelta(days=3))
    assert found(browser, Payment, status__exact="FAILED") == {of.payment.pk}
    assert (found(browser, Payment, settled="1"), found(browser, Payment, settled="7")) == (set(), {of.payment.pk})
    assert found(browser, Message, kind__exact="invoice_copy") == {of.message.pk}
    assert found(browser, BillingRun, status__exact="RUNNING") == set()
    assert found(browser, TestClock, status__exact="READY") == {of.clock.pk}
    assert found(browser, ApiKey, role__exact="finance_viewer") == set()
    accounts = set(AuditEntry.objects.filter(table_name="accounts_account").values_list("pk", flat=True))
    assert accounts
    assert found(browser, AuditEntry, table="accounts_account", actor="system") == accounts
    assert found(browser, AuditEntry, table="accounts_account", actor="api_key") == set()
