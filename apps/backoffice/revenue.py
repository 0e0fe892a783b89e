"""Recurring revenue: what it is, how it moved by month, who left, what a customer is worth; in one currency."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.html import format_html

from apps.analytics.export import FILES
from apps.analytics.movements import Step, lifetimes, movements
from apps.analytics.objects_movements import churn_object, lifetime_object, movements_object
from apps.backoffice.reports import Asked, Report, as_file, looked_at, percent, shown
from apps.backoffice.tables import Card, Table
from apps.kernel.columns import NOTHING, amount


def revenue_page(site: Any, request: HttpRequest) -> HttpResponseBase:
    """The newest months; `?format=csv` gives the movements by month as a file."""
    asked = looked_at(request)
    if asked.file:
        return as_file(FILES["mrr"], "mrr", asked)
    steps = movements(asked.period) if asked.code else []
    report = Report(
        title="Recurring revenue",
        cards=_cards(steps, asked) if steps else [],
        chart_title="Monthly recurring revenue",
        chart_note="at the end of each month",
        bars=[(step.name, step.closing) for step in reversed(steps)],
        tables=[_moved(steps, asked.code), _lost(steps, asked.code)],
    )
    return shown(site, request, report, asked)


def _cards(steps: Sequence[Step], asked: Asked) -> list[Card]:
    code = asked.code
    month, lost = movements_object(steps[0]), churn_object(steps[0])
    [worth] = map(lifetime_object, lifetimes(asked.period))
    change = month.closing - month.opening
    gone = f"{lost.customers_churned:,} of {lost.customers:,} this month."
    average = amount(worth.average_revenue, code)
    stays = f"for {worth.lifetime_months} months" if worth.lifetime_months else "and nobody has left yet"
    value = NOTHING if worth.lifetime_value is None else amount(worth.lifetime_value, code)
    return [
        Card("Monthly recurring revenue", [(amount(month.closing, code), "")], note=f"{month.customers:,} customers."),
        Card(
            "This month", [(amount(change, code), "")], tone="good" if change > 0 else "",
            note="Against its beginning.",
        ),
        Card("Customers lost", [(percent(lost.customer_rate), "")], note=gone),
        Card("What a customer is worth", [(value, "")], note=format_html("{} a month {}.", average, stays)),
    ]  # fmt: skip


def _moved(steps: Sequence[Step], code: str) -> Table:
    rows = [
        (
            each.period,
            *(
                amount(value, code) if value else NOTHING
                for value in (each.opening, each.new, each.reactivation, each.expansion, -each.contraction, -each.churn)
            ),
            amount(each.closing, code),
            f"{each.customers:,}",
        )
        for each in map(movements_object, steps)
    ]
    columns = ("Month", "Opening", "New", "Reactivation", "Expansion", "Contraction", "Churn", "Closing", "Customers")
    return Table("How it moved", columns, rows, hint="Nobody has paid for a subscription in these months.")


def _lost(steps: Sequence[Step], code: str) -> Table:
    rows = [
        (
            each.period,
            f"{each.customers_churned:,} of {each.customers:,}",
            percent(each.customer_rate),
            f"{each.customers_involuntary:,}",
            amount(each.revenue_voluntary, code),
            amount(each.revenue_involuntary, code),
            percent(each.revenue_rate),
            percent(each.net_revenue_rate),
        )
        for each in map(churn_object, steps)
    ]
    columns = (
        "Month", "Customers lost", "Rate", "Not paid", "Revenue lost", "For nonpayment", "Rate", "Net of expansion",
    )  # fmt: skip
    return Table("What was lost", columns, rows, hint="Nothing was there to be lost in these months.")
