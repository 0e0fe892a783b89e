"""Invoices for staff, to read: each with its lines, taxes and settlements. Balances are summed in the list's query."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.accounts.queries import ids_matching
from apps.invoices.models import Invoice, Line, NumberSeries, Settlement, TaxLine
from apps.invoices.queries import with_balances
from apps.kernel.admin import PartInline, RecordAdmin, decimal, money
from apps.kernel.columns import NOTHING, column, short
from apps.kernel.currencies import currency
from apps.tax.rules import Reason

WHY_NO_TAX = {
    Reason.EXEMPT: "the customer is exempt",
    Reason.REVERSE_CHARGE: "the customer owes it (reverse charge)",
    Reason.NOT_REGISTERED: "the seller is not registered there",
}


def _unit_amount(line: Line) -> SafeString:
    """In major units, with all digits that it has: a price of a metered unit may be a part of a cent."""
    if line.unit_amount is None:
        return NOTHING
    digits = currency(line.invoice.currency).exponent
    major = line.unit_amount.scaleb(-digits).normalize()
    shown = f"{major:,.{digits}f}" if -int(major.as_tuple().exponent) <= digits else f"{major:,f}"
    return format_html('<span class="bo-amount">{} {}</span>', shown, line.invoice.currency)


def _why_no_tax(line: TaxLine) -> object:
    return WHY_NO_TAX[Reason(line.reason)] if line.reason else NOTHING


def _subscription(invoice: Invoice) -> SafeString:
    if not invoice.subscription_id:
        return NOTHING
    address = reverse("admin:subscriptions_subscription_change", args=[invoice.subscription_id])
    return format_html('<a class="bo-link" href="{}">{}</a>', address, short(invoice.subscription_id))


LINE_MONEY = [money(field, beside="invoice") for field in ("amount", "discount_amount", "tax_amount")]
LINE_DECIMALS = [decimal("quantity"), column("unit_amount", _unit_amount), decimal("tax_rate", "tax %")]
TAX_MONEY = [money(field, beside="invoice") for field in ("taxable_amount", "amount")]
SETTLEMENT_MONEY = [money(field, beside="invoice") for field in ("amount", "excess")]
SUBSCRIPTION = column("subscription_id", _subscription)
TOTAL, BALANCE = money("total"), money("balance")
FIGURES = [
    money(field) for field in ("subtotal", "discount", "tax", "total", "amount_paid", "credits_applied", "balance")
]

FOUND = 500
"""Invoices of one subscription, at most: forty years of them by the month."""


class LineInline(PartInline):
    model = Line
    fields = ("kind", "description", "service_days", *LINE_DECIMALS, *LINE_MONEY)


class TaxLineInline(PartInline):
    model = TaxLine
    fields = (
        "jurisdiction",
        "name",
        "category",
        "rate",
        *TAX_MONEY,
        column("reason", _why_no_tax),
    )


class SettlementInline(PartInline):
    model = Settlement
    fields = ("kind", *SETTLEMENT_MONEY, "at", "source_id")


@admin.register(Invoice)
class InvoiceAdmin(RecordAdmin):
    resource = "invoices"
    list_display = ("number", "status", TOTAL, BALANCE, "account", "issue_date", "due_date", "kind")
    list_display_links = ("number",)
    list_filter: Any = ("status",)
    list_select_related = ("account",)
    search_fields = ("number",)
    exact = ("number",)
    by_account = staticmethod(ids_matching)
    search_help_text = (
        "A whole number or id, a subscription's id, or an account: part of its name, its e-mail, key or id"
    )
    empty_hint = "Invoices are made when subscriptions are billed."
    inlines = (LineInline, TaxLineInline, SettlementInline)
    fieldsets = (
        ("Invoice", {"fields": (
            "number", "account", "status", "kind", "issue_date", "due_date", "paid_at", SUBSCRIPTION,
        )}),
        ("Amounts", {"fields": (*FIGURES,)}),
        ("Record", {"fields": (
            "id", "bill_to", "requires_review", "voided_at", "void_reason", "metadata", "created_at", "updated_at",
        ), "classes": ("collapse",)}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Invoice]:
        return with_balances(super().get_queryset(request).select_related("account"))

    def found_by(self, term: str) -> Q:
        """Also a subscription by its id: its lines have an index, invoices of several subscriptions among them."""
        found = super().found_by(term)
        try:
            lines = Line.objects.filter(subscription_id=UUID(term)).order_by().values_list("invoice_id", flat=True)
        except ValueError:
            return found
        return found | Q(pk__in=list(lines.distinct()[:FOUND]))


@admin.register(NumberSeries)
class NumberSeriesAdmin(RecordAdmin):
    resource = "invoices"
    list_display = ("series", "last")
