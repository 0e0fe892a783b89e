"""Invoices for staff, to read: each with its lines, taxes and settlements. Balances are summed in the list's query."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from apps.invoices.models import Invoice, Line, NumberSeries, Settlement, TaxLine
from apps.invoices.queries import with_balances
from apps.kernel.admin import RecordAdmin
from apps.kernel.paginators import EstimatedPaginator


class PartInline(admin.TabularInline):
    """Rows of an invoice, shown to whoever may see its page."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class LineInline(PartInline):
    model = Line
    fields = (
        "kind", "description", "service_days", "quantity", "unit_amount", "amount", "discount_amount", "tax_rate",
        "tax_amount",
    )  # fmt: skip


class TaxLineInline(PartInline):
    model = TaxLine
    fields = ("jurisdiction", "name", "category", "rate", "taxable_amount", "amount", "reason")


class SettlementInline(PartInline):
    model = Settlement
    fields = ("kind", "source_id", "amount", "excess", "at")


@admin.register(Invoice)
class InvoiceAdmin(RecordAdmin):
    resource = "invoices"
    paginator = EstimatedPaginator
    list_display = ("number", "account", "kind", "status", "currency", "total", "balance", "issue_date", "due_date")
    list_display_links = ("number",)
    list_filter = ("status",)
    list_select_related = ("account",)
    search_fields = ("=number", "=id", "=account__id", "=account__email")
    search_help_text = "A whole number or id of an invoice, or the id or e-mail of its account"
    inlines = (LineInline, TaxLineInline, SettlementInline)
    fields = (
        "number", "account", "subscription_id", "kind", "status", "currency", "subtotal", "discount", "tax", "total",
        "amount_paid", "credits_applied", "balance", "issue_date", "due_date", "paid_at", "voided_at", "void_reason",
        "requires_review", "bill_to", "metadata", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("amount_paid", "credits_applied", "balance")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Invoice]:
        return with_balances(super().get_queryset(request).select_related("account"))

    @admin.display(description="balance")
    def balance(self, invoice: Any) -> int:
        return int(invoice.balance)

    @admin.display(description="amount paid")
    def amount_paid(self, invoice: Any) -> int:
        return int(invoice.amount_paid)

    @admin.display(description="credits applied")
    def credits_applied(self, invoice: Any) -> int:
        return int(invoice.credits_applied)


@admin.register(NumberSeries)
class NumberSeriesAdmin(RecordAdmin):
    resource = "invoices"
    list_display = ("series", "last")
