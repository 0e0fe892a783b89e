"""Invoices for staff, to read: each with its lines, taxes and settlements. Balances are summed in the list's query."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from apps.invoices.models import Invoice, Line, NumberSeries, Settlement, TaxLine
from apps.invoices.queries import with_balances
from apps.kernel.admin import RecordAdmin, decimal, money
from apps.kernel.paginators import EstimatedPaginator

LINE_MONEY = [money(field, beside="invoice") for field in ("amount", "discount_amount", "tax_amount")]
LINE_DECIMALS = [decimal("quantity"), decimal("unit_amount", "unit amount (minor units)"), decimal("tax_rate", "tax %")]
TAX_MONEY = [money(field, beside="invoice") for field in ("taxable_amount", "amount")]
SETTLEMENT_MONEY = [money(field, beside="invoice") for field in ("amount", "excess")]
TOTAL, BALANCE = money("total"), money("balance")
FIGURES = [
    money(field) for field in ("subtotal", "discount", "tax", "total", "amount_paid", "credits_applied", "balance")
]


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
    fields = ("kind", "description", "service_days", *LINE_DECIMALS, *LINE_MONEY)
    readonly_fields = (*LINE_DECIMALS, *LINE_MONEY)


class TaxLineInline(PartInline):
    model = TaxLine
    fields = ("jurisdiction", "name", "category", "rate", *TAX_MONEY, "reason")
    readonly_fields = TAX_MONEY


class SettlementInline(PartInline):
    model = Settlement
    fields = ("kind", "source_id", *SETTLEMENT_MONEY, "at")
    readonly_fields = SETTLEMENT_MONEY


@admin.register(Invoice)
class InvoiceAdmin(RecordAdmin):
    resource = "invoices"
    paginator = EstimatedPaginator
    list_display = ("number", "status", TOTAL, BALANCE, "issue_date", "due_date", "account", "kind")
    list_display_links = ("number",)
    list_filter = ("status",)
    list_select_related = ("account",)
    search_fields = ("=number", "=id", "=account__id", "=account__email")
    search_help_text = "A whole number or id of an invoice, or the id or e-mail of its account"
    inlines = (LineInline, TaxLineInline, SettlementInline)
    fields = (
        "number", "account", "subscription_id", "kind", "status", *FIGURES, "issue_date", "due_date", "paid_at",
        "voided_at", "void_reason", "requires_review", "bill_to", "metadata", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = FIGURES

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Invoice]:
        return with_balances(super().get_queryset(request).select_related("account"))


@admin.register(NumberSeries)
class NumberSeriesAdmin(RecordAdmin):
    resource = "invoices"
    list_display = ("series", "last")
