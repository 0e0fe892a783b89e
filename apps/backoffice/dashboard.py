"""The dashboard: figures as cards and tables that lead to their lists, as far as a person's roles reach."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.backoffice import figures
from apps.backoffice.tables import Card, Table
from apps.backoffice.words import reason
from apps.kernel import clock
from apps.kernel.admin import allowed
from apps.kernel.columns import NOTHING, amount, label, link, when
from apps.subscriptions.models import BillingRun


@dataclass(frozen=True, slots=True)
class Board:
    """What the page shows."""

    view: figures.View
    cards: list[Card]
    tables: list[Table]


def dashboard(request: HttpRequest) -> Board:
    """A fixed number of queries: one a figure. Who has no analytics sees no sums."""
    looked = figures.view(request.GET.get("clock", ""), clock.wall())
    cards: list[Card] = []
    if allowed(request, "analytics"):
        cards += _money(looked)
    if allowed(request, "subscriptions"):
        cards.append(_begun(looked))
    tables = []
    if allowed(request, "payments"):
        tables.append(_failed(looked))
    if allowed(request, "billing_runs"):
        tables.append(_runs())
    if allowed(request, "subscriptions"):
        tables.append(_trials(looked))
    return Board(looked, cards, tables)


def _list(name: str, looked: figures.View, **query: Any) -> str:
    """The address of a list, filtered as the figure is."""
    if looked.clocks:
        query["clock"] = str(looked.clock_id or "wall")
    return f"{reverse(f'admin:{name}_changelist')}?{urlencode(query)}"


def _money(looked: figures.View) -> list[Card]:
    sums = figures.open_invoices(looked)
    collected = figures.collected(looked)

    def invoices(currency: str, **more: str) -> str:
        return _list("invoices_invoice", looked, status__exact="OPEN", currency__exact=currency, **more)

    return [
        Card(
            "Open invoices",
            [(_counted(each.amount, each.currency, each.count), invoices(each.currency)) for each in sums],
            hint="Nothing is open: all that was asked for is paid.",
        ),
        Card(
            "Overdue",
            [
                (_counted(each.overdue_amount, each.currency, each.overdue_count), invoices(each.currency, due="late"))
                for each in sums
                if each.overdue_count
            ],
            hint="Nothing is overdue.",
            note="By the date in UTC; a customer's page counts by the customer's own day.",
            tone="bad",
        ),
        Card(
            "Collected in 30 days",
            [
                (
                    _counted(each["amount"], each["currency"], each["count"]),
                    _list("payments_payment", looked, status__exact="SUCCEEDED", currency__exact=each["currency"],
                          settled="30"),
                )
                for each in collected
            ],
            hint="No payment has succeeded in the last 30 days.",
            tone="good",
        ),
    ]  # fmt: skip


def _counted(value: int, currency: str, count: int) -> SafeString:
    return format_html('{} <span class="bo-count">{}</span>', amount(value, currency), f"{count:,}")


def _begun(looked: figures.View) -> Card:
    rows = figures.new_subscriptions(looked)
    return Card(
        "New subscriptions in 30 days",
        [
            (
                format_html('{} <span class="bo-count">{}</span>', row["name"], f"{row['count']:,}"),
                _list("subscriptions_subscription", looked, begun="30", plan__id__exact=row["plan_id"]),
            )
            for row in rows
        ],
        hint="Nobody has subscribed in the last 30 days.",
    )


def _failed(looked: figures.View) -> Table:
    rows = [
        (
            link(payment, payment.account.name),
            amount(payment.amount, payment.currency),
            reason(payment.failure_code, payment.failure_message),
            link(payment.invoice),
            when(payment.settled_at or payment.created_at),
        )
        for payment in figures.failed_payments(looked)
    ]
    return Table(
        "Failed payments",
        ("Customer", "Amount", "Why", "Invoice", "When"),
        rows,
        hint="No payment has failed.",
        more=_list("payments_payment", looked, status__exact="FAILED"),
    )


def progress(run: BillingRun) -> SafeString:
    """How far a run is: a bar and its figures; backoffice.js moves it while it runs."""
    part = min(100, round(100 * run.done / run.due)) if run.due else (100 if run.finished_at else 0)
    return format_html(
        '<span class="bo-progress" data-run="{}" data-status="{}"><span class="bo-bar"><span style="width:{}%"></span>'
        '</span> <span class="bo-figures">{} of {}</span></span>',
        reverse("admin:subscriptions_billingrun_progress", args=[run.pk]), run.status, part, f"{run.done:,}",
        f"{run.due:,}",
    )  # fmt: skip


def _runs() -> Table:
    rows = [
        (
            link(run, when(run.at)),
            label(run.status),
            progress(run),
            f"{run.invoices:,}",
            label(f"{run.failed:,} failed", "bad") if run.failed else NOTHING,
            run.test_clock.name if run.test_clock else "wall",
        )
        for run in figures.runs()
    ]
    return Table(
        "Billing runs",
        ("Bills what was due by", "State", "Progress", "Invoices", "Failures", "Clock"),
        rows,
        hint="Nothing has fallen due yet; a run is made as soon as something does.",
        more=reverse("admin:subscriptions_billingrun_changelist"),
    )


def _trials(looked: figures.View) -> Table:
    rows = [
        (link(each.account, each.account.name), link(each, each.plan.name), when(each.trial_end))
        for each in figures.ending_trials(looked)
    ]
    return Table(
        "Trials that end within 14 days",
        ("Customer", "Plan", "Trial ends"),
        rows,
        hint="No trial ends within two weeks.",
        more=_list("subscriptions_subscription", looked, status__exact="TRIAL"),
    )
