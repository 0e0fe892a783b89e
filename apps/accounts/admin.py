"""Accounts for staff, to read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.models import Account
from apps.accounts.queries import matching
from apps.kernel.admin import RecordAdmin
from apps.kernel.paginators import EstimatedPaginator


@admin.register(Account)
class AccountAdmin(RecordAdmin):
    resource = "accounts"
    paginator = EstimatedPaginator
    list_display = ("name", "email", "external_key", "currency", "country", "overdue_status", "created_at")
    list_filter = ("overdue_status", "tax_exempt", "dispute_hold")
    search_fields = ("name", "email", "external_key")
    search_help_text = "Part of a name, or a whole e-mail address, external key or id"
    fields = (
        "id", "name", "email", "external_key", "currency", "timezone", "locale", "country", "address", "tax_exempt",
        "tax_id", "net_terms_days", "invoice_grouping", "purchase_order", "buyer_reference", "overdue_status",
        "dispute_hold", "test_clock", "metadata", "version", "created_at", "updated_at",
    )  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Account], search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        """The whole term at once, by lookups that have indexes."""
        return (queryset.filter(matching(search_term.strip())) if search_term.strip() else queryset), False
