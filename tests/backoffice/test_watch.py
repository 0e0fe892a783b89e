"""Whoever sees a customer's data, or gets a file, is in the audit log before they see it."""

import csv
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import DatabaseError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.access.actions import create_api_key
from apps.access.rules import Role
from apps.audit.models import Entry
from apps.backoffice import watch
from apps.backoffice.log import names
from apps.invoices.links import invoice_link
from apps.kernel import clock
from apps.kernel.actors import Actor, system
from tests.access.signing import PASSWORD
from tests.access.signing import staff as person
from tests.accounts.test_admin import staff
from tests.backoffice.desk import detail, found, list_of
from tests.backoffice.world import world
from tests.factories.accounts import make_account
from tests.factories.einvoices import described

pytestmark = pytest.mark.django_db

OF_CUSTOMERS = {
    "accounts.account", "subscriptions.subscription", "subscriptions.runfailure",
    "invoices.invoice", "credits.grant", "credits.use",
    "payments.payment", "payments.paymentmethod", "payments.refund", "payments.dispute", "payments.difference",
    "payments.bankline", "payments.gatewaymovement", "payments.gatewaynotice",
    "dunning.standing", "dunning.history", "notifications.message", "notifications.suppression",
    "usage.usageevent", "usage.correction", "usage.meterwindow",
    "events.event", "webhooks.delivery", "webhooks.attempt", "ledger.entry", "audit.entry",
    "tax.taxid",
}  # fmt: skip
"""Models whose pages show one customer. Whoever adds a page says here, or in `watch.OF_NO_CUSTOMER`, which it is."""
OTHER_PAGES = {"stuck_try", "app_list", "view_on_site"}
"""Pages of the admin with a parameter that belong to no model: the first and the last lead elsewhere."""
FILES = {
    "invoices_invoice_pdf", "invoices_invoice_xml", "recovery", "revenue", "accounts_account_export",
    "accounts_account_export_all",
}  # fmt: skip
"""Files that the admin hands out."""


def seen(operation: str | None = None, **of: Any) -> list[tuple[str, str, str]]:
    rows = Entry.objects.filter(operation__in=[operation] if operation else ["VIEW", "EXPORT"], **of).order_by("id")
    return [(row.operation, row.table_name, row.row_id) for row in rows]


def routes(resolver: Any, before: str = "") -> list[tuple[str, URLPattern]]:
    """Each route of the admin below its path."""
    found: list[tuple[str, URLPattern]] = []
    for each in resolver.url_patterns:
        whole = before + str(each.pattern)
        found += routes(each, whole) if isinstance(each, URLResolver) else [(whole, each)]
    return [(route, pattern) for route, pattern in found if route.startswith(("admin/", "^admin/"))]


def with_parameters() -> list[tuple[str, URLPattern]]:
    return [(route, each) for route, each in routes(get_resolver()) if "<" in route]


@pytest.mark.fr("FR-006")
def test_each_page_of_a_row_is_decided_upon() -> None:
    labels = {model._meta.label_lower for model in admin.site._registry}
    assert labels == OF_CUSTOMERS | watch.OF_NO_CUSTOMER, "say in test and watch whether this page shows one customer"
    assert not OF_CUSTOMERS & watch.OF_NO_CUSTOMER
    other = {each.name for route, each in with_parameters() if not watch.model_of(route) and each.name}
    assert other == OTHER_PAGES, "a page with a parameter that belongs to no model: is it one customer's?"


@pytest.mark.fr("FR-006")
def test_each_page_of_a_customer_is_noted_and_no_other() -> None:
    world()
    browser = staff(Role.SUPER_ADMIN)
    for model in admin.site._registry:
        row = model._default_manager.first()
        assert row is not None, model
        before = len(seen())
        assert browser.get(detail(row)).status_code == 200, row
        noted = seen()[before:]
        if model._meta.label_lower in OF_CUSTOMERS:
            assert noted == [("VIEW", model._meta.db_table, str(row.pk))], model
        else:
            assert noted == [], model


@pytest.mark.fr("FR-006")
def test_what_is_asked_about_a_customer_is_a_page_of_its_own() -> None:
    of, browser = world(), staff(Role.SUPER_ADMIN)
    pages = [
        ("accounts_account_grant_credit", of.account), ("subscriptions_subscription_usage", of.subscription),
        ("subscriptions_subscription_cancel", of.subscription), ("invoices_invoice_void", of.invoice),
        ("payments_payment_refund", of.payment), ("notifications_suppression_lift", of.suppression),
    ]  # fmt: skip
    for name, row in pages:
        assert browser.get(reverse(f"admin:{name}", args=[row.pk])).status_code == 200, name
        assert seen("VIEW", row_id=str(row.pk))[0][1] == row._meta.db_table, name
    browser.get(detail(of.message, "history"))
    assert seen("VIEW", row_id=str(of.message.pk))


def test_lists_searches_refusals_and_what_leads_elsewhere_are_not() -> None:
    of, browser = world(), staff(Role.SUPPORT_REP)
    for path in (list_of(type(of.account)), f"/admin/find/?q={of.invoice.number}", "/admin/search/?s=Grace", "/admin/"):
        assert browser.get(path).status_code == 200, path
    assert browser.get(f"/admin/accounts/account/{uuid4()}/change/").status_code == 302
    assert browser.get(detail(of.policy)).status_code == 200
    refused = reverse("admin:payments_payment_refund", args=[of.payment.pk])
    assert browser.get(refused).status_code == 403
    assert Client().get(detail(of.account)).status_code == 302
    assert seen() == []


def test_the_same_person_again_is_one_view_and_another_is_another() -> None:
    account, one, other = make_account(), staff(Role.SUPPORT_REP), staff(Role.FINANCE_VIEWER)
    for browser in (one, one, other):
        browser.get(detail(account))
    actors = Entry.objects.filter(operation="VIEW").values_list("actor", flat=True)
    assert sorted(actors) == sorted(f"user:{browser.session['_auth_user_id']}" for browser in (one, other))


@pytest.mark.fr("FR-006")
def test_each_file_of_the_back_office_is_noted_each_time() -> None:
    of, browser = world(), staff(Role.FINANCE_VIEWER)
    for _ in range(2):
        assert browser.get(reverse("admin:invoices_invoice_pdf", args=[of.invoice.pk])).status_code == 200
    answer = browser.get("/admin/recovery/?months=3&format=csv")
    assert list(csv.reader(b"".join(answer.streaming_content).decode().splitlines()))
    assert seen() == [("EXPORT", "invoices_invoice", str(of.invoice.pk))] * 2 + [("EXPORT", "", "")]
    newest = Entry.objects.filter(operation="EXPORT").latest("id")
    assert newest.after == {"page": "recovery", "file": "recovery.csv", "asked": "months=3&format=csv"}
    pdf = Entry.objects.filter(operation="EXPORT").earliest("id").after
    assert pdf is not None
    assert pdf["page"] == "invoices_invoice_pdf"
    assert pdf["file"].endswith(".pdf")
    browser.get("/admin/recovery/")
    assert len(seen()) == 3
    browser.get(f"/admin/recovery/?format=csv&months={'9' * 3000}")
    asked = (Entry.objects.filter(operation="EXPORT").latest("id").after or {})["asked"]
    assert len(asked) == watch.LONGEST


@pytest.mark.long
def test_whatever_the_admin_hands_out_as_a_file_is_on_the_list() -> None:
    """Each route that has no parameter beside a row's, asked plainly and as a file."""
    world()
    described()
    browser, files = staff(Role.SUPER_ADMIN), set()
    for route, each in routes(get_resolver()):
        model = next((one for one in admin.site._registry if one._meta.label_lower == watch.model_of(route)), None)
        if not each.name or each.name in {"logout", "login"} | OTHER_PAGES or "<str:" in route or "(?P" in route:
            continue
        row = model._default_manager.first() if model else None
        path = reverse(f"admin:{each.name}", args=[row.pk] if "<" in route and row else [])
        for asked in ("", "?format=csv"):
            answer = browser.get(path + asked)
            html = answer.headers.get("Content-Type", "text/html").startswith(("text/html", "application/json"))
            if "Content-Disposition" in answer.headers or (answer.status_code == 200 and not html):
                files.add(each.name)
    assert files - {"jsi18n"} == FILES


@pytest.mark.fr("FR-006")
def test_files_of_the_api_are_noted_for_staff_and_not_for_programs() -> None:
    of = world()
    described()
    user = person("finance_viewer")
    given = {"grant_type": "password", "username": user.username, "password": PASSWORD}
    token = Client().post("/v1/auth/token", given, content_type="application/json").json()["access_token"]
    _, key = create_api_key(
        name="x", role="finance_viewer", livemode=False, rate_limit=0, at=clock.wall(), actor=system("tests")
    )
    paths = (
        f"/v1/invoices/{of.invoice.pk}/pdf", f"/v1/invoices/{of.invoice.pk}/xml",
        f"/v1/accounts/{of.account.pk}/statement",
        "/v1/analytics/export?report=recovery", "/v1/usage/export",
    )  # fmt: skip
    for credentials in (key, token):
        for path in paths:
            answer = Client().get(path, headers={"Authorization": f"Bearer {credentials}"})
            assert answer.status_code == 200, path
    assert seen() == [
        ("EXPORT", "invoices_invoice", str(of.invoice.pk)), ("EXPORT", "invoices_invoice", str(of.invoice.pk)),
        ("EXPORT", "accounts_account", str(of.account.pk)), ("EXPORT", "", ""), ("EXPORT", "", ""),
    ]  # fmt: skip
    exports = Entry.objects.filter(operation="EXPORT")
    assert set(exports.values_list("actor", flat=True)) == {str(user.actor)}
    assert {(entry.after or {})["page"] for entry in exports} == {
        "/v1/invoices/{id}/pdf", "/v1/invoices/{id}/xml", "/v1/accounts/{account_id}/statement", "/v1/analytics/export",
        "/v1/usage/export",
    }  # fmt: skip


@pytest.mark.fr("FR-006")
@pytest.mark.parametrize("path", ["page", "pdf", "recovery"])
def test_what_cannot_be_noted_is_not_shown(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    of, browser = world(), staff(Role.FINANCE_VIEWER)
    browser.raise_request_exception = False
    paths = {
        "page": detail(of.account), "pdf": reverse("admin:invoices_invoice_pdf", args=[of.invoice.pk]),
        "recovery": "/admin/recovery/?format=csv",
    }  # fmt: skip

    def fails(*_: Any, **__: Any) -> bool:
        raise DatabaseError("the log is full")

    monkeypatch.setattr(watch, "note_access", fails)
    answer = browser.get(paths[path])
    assert answer.status_code == 500
    assert "Content-Disposition" not in answer.headers
    assert of.account.name.encode() not in answer.content
    assert seen() == []


def test_a_customers_own_link_is_noted_for_staff_alone_and_without_what_opens_it() -> None:
    of = world()
    path = f"/pay/{invoice_link(of.invoice.pk, at=clock.wall()).rpartition('/')[2]}/document"
    for browser in (Client(), staff(Role.FINANCE_VIEWER)):
        assert browser.get(path).status_code == 200
    entry = Entry.objects.get(operation="EXPORT")
    assert (entry.table_name, entry.row_id) == ("", "")
    assert path.split("/")[2] not in str(entry.after)


@pytest.mark.fr("FR-005")
def test_the_log_shows_and_finds_who_has_seen_what() -> None:
    of, browser, boss = world(), staff(Role.SUPPORT_REP), staff(Role.SUPER_ADMIN)
    browser.get(detail(of.account))
    browser.get(reverse("admin:invoices_invoice_pdf", args=[of.invoice.pk]))
    view, export = (Entry.objects.get(operation=each).pk for each in ("VIEW", "EXPORT"))
    assert found(boss, Entry, what="access") == {view, export}
    assert found(boss, Entry, what="VIEW") == {view}
    assert found(boss, Entry, what="EXPORT", q=str(of.invoice.pk)) == {export}
    assert found(boss, Entry, what="VIEW", q=f"user:{browser.session['_auth_user_id']}") == {view}
    assert not found(boss, Entry, what="changes") & {view, export}
    assert found(boss, Entry, what="nonsense") >= {view}
    listed = boss.get(list_of(Entry), {"what": "access"}).content.decode()
    assert "one-support_rep" in listed
    assert "its page" in listed
    assert "one-support_rep" in boss.get(detail(Entry.objects.get(pk=view))).content.decode()
    page = boss.get(detail(of.account)).content.decode()
    assert "Who has seen it" in page
    assert "one-support_rep" in page.partition("Who has seen it")[2]
    assert "Who has seen it" not in browser.get(detail(of.account)).content.decode()


def test_the_log_names_people_and_keys_and_leaves_what_has_no_name() -> None:
    browser, boss = staff(Role.SUPPORT_REP), staff(Role.SUPER_ADMIN)
    key, _ = create_api_key(
        name="Shop", role="support_rep", livemode=False, at=clock.wall(), actor=Actor("user", str(uuid4()))
    )
    known, unknown = f"user:{browser.session['_auth_user_id']}", f"user:{uuid4()}"
    said = names([known, f"api_key:{key.pk}", unknown, "system:renew", "sql:owner", "user:7", ""])
    assert said == {known: "one-support_rep", f"api_key:{key.pk}": f"Shop {key.prefix}"}
    assert names([]) == {}
    assert "system:tests" not in boss.get(list_of(Entry), {"actor": "user"}).content.decode()
