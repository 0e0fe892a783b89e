"""Everything of one customer: a fixed number of queries, whatever the customer has."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Sum
from django.http import HttpRequest
from django.urls import reverse

from apps.accounts.models import Account
from apps.backoffice.dunning import history_table
from apps.backoffice.log import log_tables
from apps.backoffice.messages import messages_table
from apps.backoffice.tables import Card, Row, Table
from apps.backoffice.words import reason
from apps.clocks.queries import now_for
from apps.credits.queries import grants
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.invoices.queries import with_balances
from apps.invoices.rules import Status
from apps.kernel.admin import allowed
from apps.kernel.columns import NOTHING, amount, label, link, on, short, when
from apps.payments.models import Payment, PaymentMethod
from apps.subscriptions.models import Subscription
from apps.tax.queries import numbers_of

SHOWN = 20


def cards(account: Account) -> list[Card]:
    """What the customer owes and has to its credit: two queries and one for its clock."""
    today = now_for(account).date()
    unpaid = with_balances(Invoice.objects.filter(account=account, status=Status.OPEN))
    owed, late = 0, 0
    for invoice in unpaid.only("due_date", "total").order_by():
        balance = int(getattr(invoice, "balance"))  # noqa: B009 - an annotation, which types do not know
        owed += balance
        late += balance if invoice.due_date and invoice.due_date < today else 0
    left = grants().filter(account=account).aggregate(left=Sum("remaining", default=0))["left"]
    currency = account.currency

    def figure(title: str, value: int, address: str, tone: str = "") -> Card:
        return Card(title, [(amount(value, currency), address)], tone=tone if value else "")

    invoices = f"{reverse('admin:invoices_invoice_changelist')}?{urlencode({'account__id__exact': account.pk})}"
    gone = account.deleted_at
    deleted = [Card("Deleted", [(when(gone), "")], note="Nothing is sold to it; what is held stays.")] if gone else []
    return [
        *deleted,
        figure("Open", owed, f"{invoices}&status__exact=OPEN"),
        figure("Overdue", late, f"{invoices}&due=late", "bad"),
        figure("Credit", int(left), f"{reverse('admin:credits_grant_changelist')}?q={account.pk}", "good"),
    ]


def tables(request: HttpRequest, account: Account) -> list[Table]:
    """One query each; events and the audit log for those who may."""
    found = [_subscriptions(account), _invoices(account), _payments(account), _methods(account), _credits(account)]
    if account.tax_id:
        found.append(_vat_number(account))
    found += [history_table(account.pk, SHOWN), messages_table(account.pk, SHOWN)]
    if allowed(request, "events"):
        found.append(_events(account))
    if allowed(request, "audit"):
        found += log_tables(account, SHOWN)
    return found


def _all(name: str, account: Account, parameter: str = "account__id__exact") -> str:
    return f"{reverse(f'admin:{name}_changelist')}?{urlencode({parameter: account.pk})}"


def _subscriptions(account: Account) -> Table:
    rows = Subscription.objects.filter(account=account).select_related("plan").order_by("-pk")[:SHOWN]
    return Table(
        "Subscriptions",
        ("Plan", "State", "Quantity", "Began", "Next billing", "Key"),
        [
            (link(row, row.plan.name), _state(row), row.quantity, on(row.start_date), when(row.next_billing_at),
             row.external_key or NOTHING)
            for row in rows
        ],
        hint="No subscription yet: POST /v1/subscriptions makes one.",
        more=_all("subscriptions_subscription", account),
    )  # fmt: skip


def _state(row: Subscription) -> object:
    return label("renewal stopped", "bad") if row.billing_error else label(row.status)


def invoice_rows(invoices: Any) -> list[Row]:
    """Rows of invoices with balances: for a customer, for a subscription."""
    return [
        (link(row), label(row.status), amount(row.total, row.currency), amount(row.balance, row.currency),
         on(row.issue_date), on(row.due_date))
        for row in invoices
    ]  # fmt: skip


INVOICE_COLUMNS = ("Number", "State", "Total", "Balance", "Issued", "Due")


def _invoices(account: Account) -> Table:
    rows = with_balances(Invoice.objects.filter(account=account)).order_by("-pk")[:SHOWN]
    return Table(
        "Invoices",
        INVOICE_COLUMNS,
        invoice_rows(rows),
        hint="No invoice yet.",
        more=_all("invoices_invoice", account),
    )


PAYMENT_COLUMNS = ("Payment", "State", "Amount", "Invoice", "Why it failed", "When")


def payment_rows(payments: Any) -> list[Row]:
    """Rows of payments, with the reason in plain words."""
    return [
        (link(row), label(row.status), amount(row.amount, row.currency), link(row.invoice),
         reason(row.failure_code, row.failure_message) or row.last_error or NOTHING,
         when(row.settled_at or row.created_at))
        for row in payments
    ]  # fmt: skip


def _payments(account: Account) -> Table:
    rows = Payment.objects.filter(account=account).select_related("invoice").order_by("-pk")[:SHOWN]
    return Table(
        "Payments",
        PAYMENT_COLUMNS,
        payment_rows(rows),
        hint="Nothing has been charged yet.",
        more=_all("payments_payment", account),
    )


def _methods(account: Account) -> Table:
    rows = PaymentMethod.objects.filter(account=account).order_by("-pk")[:SHOWN]
    return Table(
        "Payment methods",
        ("Method", "State", "Expires", "Default", "Why it was refused"),
        [
            (
                link(row, f"{row.card_brand or row.type or 'method'} …{row.card_last4}".rstrip("… ")),
                label(row.status),
                f"{row.card_exp_month:02}/{row.card_exp_year}" if row.card_exp_month else NOTHING,
                label("default", "good") if row.is_default else NOTHING,
                reason(row.failure_code, row.failure_message) or NOTHING,
            )
            for row in rows
        ],
        hint="No payment method: invoices stay open until one is added or money arrives otherwise.",
        more=_all("payments_paymentmethod", account),
    )


def _credits(account: Account) -> Table:
    rows = grants().filter(account=account).order_by("-pk")[:SHOWN]
    return Table(
        "Credits",
        ("Credit", "Given", "Left", "Why", "From", "Expires", "When"),
        [
            (link(row, short(row.pk)), amount(row.amount, row.currency), amount(row.remaining, row.currency),
             row.reason, row.source, when(row.expires_at), when(row.at))
            for row in rows
        ],
        hint="No credit was given.",
        more=f"{reverse('admin:credits_grant_changelist')}?q={account.pk}",
    )  # fmt: skip


def _vat_number(account: Account) -> Table:
    rows = [
        (link(row), label(row.status), row.latest.name if row.latest else NOTHING,
         row.latest.consultation_number if row.latest else NOTHING, when(row.latest.created_at if row.latest else None),
         row.last_error or NOTHING)
        for row in numbers_of([account.tax_id])
    ]  # fmt: skip
    return Table(
        "VAT number",
        ("Number", "State", "Name", "Consultation number", "Checked", "Last error"),
        rows,
        hint=f"{account.tax_id} is no VAT number of the European Union: its form or check digits do not fit.",
    )


def _events(account: Account) -> Table:
    rows = Event.objects.filter(account_id=account.pk).order_by(F("position").desc(nulls_first=True))[:SHOWN]
    return Table(
        "Events",
        ("Event", "Of", "Effective", "Recorded"),
        [
            (link(row, row.event_type), short(row.object_id), when(row.effective_at), when(row.created_at))
            for row in rows
        ],
        more=_all("events_event", account, "q"),
    )
