"""The addresses that bench_admin opens: lists and what they are filtered by, searches, pages of rows, the dashboard."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Account
from apps.audit.models import Entry as AuditEntry
from apps.clocks.models import TestClock
from apps.credits.models import Grant, Use
from apps.events.models import Delivery, Event
from apps.invoices.models import Invoice
from apps.ledger.models import Entry
from apps.notifications.models import Message
from apps.payments.models import GatewayNotice, Payment, PaymentMethod
from apps.plans.models import Plan
from apps.subscriptions.models import BillingRun, RunFailure, Subscription
from apps.webhooks.models import Attempt, Endpoint
from apps.webhooks.models import Delivery as Webhook

ROWS = 30
PAGES = 20
DETAILS = (
    Account, Invoice, Payment, PaymentMethod, Subscription, Plan, BillingRun, RunFailure, Grant, Use, Event, Delivery,
    Entry, AuditEntry, Message, GatewayNotice, Endpoint, Webhook, Attempt,
)  # fmt: skip
WITH_CLOCKS = {
    Invoice: ("status__exact", "PAID"),
    Payment: ("status__exact", "FAILED"),
    Subscription: ("status__exact", "TRIAL"),
}
CURRENCIES = ("USD", "EUR", "GBP", "CHF")
"""Nobody pays in the last: what is not there is what a scan looks for longest."""
SPANS = ("1", "7", "30", "90")


def addresses(browser: Client) -> dict[str, list[str]]:
    """By kind of page."""
    accounts = _rows(Account, "id", "name", "email", "external_key")
    found: dict[str, list[str]] = {}
    for model in admin.site._registry:
        paths = list(_pages(browser, model))
        found[f"list: {_name(model)}"] = paths[:-1]
        if len(paths) > PAGES:
            found[f"list: {_name(model)}, last page"] = paths[-1:]
    for model, name, queries in _filters(accounts):
        found[f"filter: {_name(model)} by {name}"] = [_list(model, **query) for query in queries]
    for model, name, terms in _searches(accounts):
        found[f"search: {_name(model)} by {name}"] = [_list(model, q=term) for term in terms]
    for model in DETAILS:
        found[f"page: {_name(model)}"] = [_page(model, pk) for (pk,) in _rows(model, "id")]
    return found | _others(accounts)


def _others(accounts: list[tuple[Any, ...]]) -> dict[str, list[str]]:
    terms = [*(name for _, name, _, _ in accounts[:10]), *(email for _, _, email, _ in accounts[10:20]),
             *(number for _, number in _rows(Invoice, "id", "number")[:10])]  # fmt: skip
    clocks = ["wall", *(str(pk) for pk in TestClock.objects.values_list("pk", flat=True))]
    find, box, index = (reverse(f"admin:{name}") for name in ("find", "search", "index"))
    return {
        "dashboard": [f"{index}?{urlencode({'clock': clock})}" for clock in clocks],
        "trial balance": [reverse("admin:ledger_trial_balance")],
        "search everything": [f"{find}?{urlencode({'q': term})}" for term in terms],
        "Ctrl+K": [f"{box}?{urlencode({'s': term, 'extended': 1})}" for term in terms],
    }


def _pages(browser: Client, model: type[models.Model]) -> Iterator[str]:
    """The first pages of a list, then its last."""
    listed: Any = browser.get(_list(model))
    last = listed.context_data["cl"].paginator.num_pages
    for page in range(1, min(PAGES, last) + 1):
        yield _list(model, p=page)
    yield _list(model, p=last)


def _filters(accounts: list[tuple[Any, ...]]) -> Iterator[tuple[type[models.Model], str, list[dict[str, str]]]]:
    by_account = [{"account__id__exact": str(pk)} for pk, *_ in accounts]
    for model, (field, value) in WITH_CLOCKS.items():
        yield model, "account", by_account
        clocks = [{"clock": "wall"}, *({"clock": str(pk)} for pk in TestClock.objects.values_list("pk", flat=True))]
        yield model, "clock", [*clocks, {"clock": "wall", field: value}]
    statuses = [{"status__exact": status} for status in ("OPEN", "PAID", "VOID", "DRAFT")]
    yield Invoice, "status", statuses
    yield Invoice, "currency", [{"currency__exact": each} for each in CURRENCIES]
    yield (
        Invoice,
        "status and currency",
        [{**status, "currency__exact": each} for status in statuses for each in CURRENCIES],
    )
    yield Invoice, "due", [{"due": span} for span in ("late", "late30", "7")]
    yield Invoice, "due, as the dashboard", [
        {"status__exact": "OPEN", "currency__exact": each, "clock": "wall", **due}
        for each in CURRENCIES for due in ({"due": "late"}, {})
    ]  # fmt: skip
    ended = [{"status__exact": status} for status in ("SUCCEEDED", "FAILED", "PENDING")]
    yield Payment, "status", ended
    yield Payment, "currency", [{"currency__exact": each} for each in CURRENCIES]
    yield Payment, "settled", [{"settled": span} for span in SPANS]
    yield (
        Payment,
        "settled, as the dashboard",
        [
            {**ended[0], "currency__exact": each, "settled": span, "clock": "wall"}
            for each in CURRENCIES
            for span in SPANS
        ],
    )
    yield (
        Subscription,
        "status",
        [{"status__exact": each} for each in ("TRIAL", "ACTIVE", "PAUSED", "CANCELLED", "EXPIRED")],
    )
    yield Subscription, "stopped renewal", [{"renewal": "stopped"}]
    plans = [{"plan__id__exact": str(pk)} for (pk,) in _rows(Plan, "id")]
    yield Subscription, "plan", plans
    yield Subscription, "begun", [{"begun": span} for span in SPANS]
    yield Subscription, "begun and plan, as the dashboard", [{"begun": "30", "clock": "wall", **plan} for plan in plans]
    yield Account, "status", [{"overdue_status__exact": each} for each in ("CURRENT", "WARNING", "BLOCKED")]
    yield Account, "hold", [{"dispute_hold__exact": "1"}, {"dispute_hold__exact": "0"}, {"tax_exempt__exact": "1"}]
    yield Event, "lane", [{"lane__exact": "run"}, {"lane__exact": "api"}]
    yield Delivery, "status", [{"status__exact": "DEAD"}, {"status__exact": "DONE"}, {"status__exact": "PENDING"}]
    told = [{"endpoint__id__exact": str(pk)} for (pk,) in _rows(Endpoint, "id")]
    each_status = [{"status__exact": each} for each in ("PENDING", "FAILED", "DELIVERED")]
    yield Webhook, "status", each_status
    yield Webhook, "endpoint", told
    yield Webhook, "endpoint and status", [{**one, **status} for one in told for status in each_status]
    yield Attempt, "outcome", [{"outcome__exact": each} for each in ("delivered", "refused", "timeout")]
    yield Attempt, "endpoint", told
    yield Message, "status", [{"status__exact": "FAILED"}, {"status__exact": "SENT"}, {"status__exact": "PENDING"}]
    yield Message, "kind", [{"kind__exact": "invoice_created"}, {"kind__exact": "invoice_copy"}]
    yield GatewayNotice, "status", [{"status__exact": "DONE"}, {"status__exact": "PENDING"}]
    yield GatewayNotice, "type", [{"event_type": "payment_intent.succeeded"}, {"event_type": "none"}]
    yield AuditEntry, "table", [{"table": each} for each in ("invoices_invoice", "accounts_account", "tax_taxrate")]
    yield AuditEntry, "actor", [{"actor": each} for each in ("system", "api_key", "user", "sql")]
    yield Entry, "kind", [{"kind": each} for each in ("issue", "payment", "credit_use", "chargeback")]
    yield Grant, "source", [{"source__exact": each} for each in ("goodwill", "overpayment")]
    yield Use, "kind", [{"kind__exact": each} for each in ("invoice", "expiry")]
    yield PaymentMethod, "status", [{"status__exact": each} for each in ("ACTIVE", "REFUSED")]


def _searches(accounts: list[tuple[Any, ...]]) -> Iterator[tuple[type[models.Model], str, list[str]]]:
    names = [name for _, name, _, _ in accounts]
    loose = [name.split()[number % 3] for number, name in enumerate(names)]
    emails = [email for _, _, email, _ in accounts]
    by_account: tuple[type[models.Model], ...] = (Account, Invoice, Payment, Subscription, PaymentMethod, Grant)
    by_invoice: tuple[type[models.Model], ...] = (Event, Entry, AuditEntry, Use)
    for model in by_account:
        yield model, "a whole name", names
        yield model, "a word of names", loose
        yield model, "an e-mail address", emails
    yield Account, "what nobody has", ["zzqx", "no@such.example", "x"]
    invoices = _rows(Invoice, "id", "number", "subscription_id")
    yield Invoice, "number", [number for _, number, _ in invoices]
    yield Invoice, "id", [str(pk) for pk, *_ in invoices]
    yield Invoice, "a subscription's id", [str(each) for *_, each in invoices]
    yield Payment, "an invoice's number", [number for _, number, _ in invoices]
    yield Payment, "gateway id", [each for (each,) in _rows(Payment, "gateway_transaction_id")]
    yield Subscription, "id", [str(each) for _, _, each in invoices]
    yield GatewayNotice, "gateway id", [each for (each,) in _rows(GatewayNotice, "gateway_event_id")]
    yield GatewayNotice, "a charge", [each for (each,) in _rows(GatewayNotice, "object_id")]
    yield Message, "e-mail address", emails
    for model in by_invoice:
        yield model, "an invoice's id", [str(pk) for pk, *_ in invoices]
    events = [str(pk) for (pk,) in _rows(Event, "id")]
    yield Webhook, "an event's id", events
    yield Webhook, "an endpoint's id", [str(pk) for (pk,) in _rows(Endpoint, "id")]
    yield Attempt, "an endpoint's id", [str(pk) for (pk,) in _rows(Endpoint, "id")]
    yield AuditEntry, "actor", ["system:payments", "api_key:1", "user:7", "system:nobody"]
    yield AuditEntry, "what nobody has", ["zzqx", "abc-1"]
    yield RunFailure, "a run's id", [str(pk) for (pk,) in _rows(BillingRun, "id")]
    yield Plan, "name", ["Plan 7", "plan-11"]


def _rows(model: type[models.Model], *columns: str) -> list[tuple[Any, ...]]:
    """The same few rows in every run, from anywhere in the table."""
    with connection.cursor() as cursor:
        names = ", ".join(columns)
        given = " AND ".join(f"{column} IS NOT NULL" for column in columns)
        cursor.execute(
            f"SELECT {names} FROM {model._meta.db_table} WHERE {given} ORDER BY md5(id::text) LIMIT %s", [ROWS]
        )
        return list(cursor.fetchall())


def _name(model: type[models.Model]) -> str:
    return f"{model._meta.app_label} {model._meta.verbose_name_plural}"


def _list(model: type[models.Model], **query: object) -> str:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


def _page(model: type[models.Model], pk: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])
