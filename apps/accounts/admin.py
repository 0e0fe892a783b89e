"""Accounts for staff, to read."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.models import Account
from apps.accounts.queries import matching
from apps.kernel.admin import RecordAdmin


class DeletedFilter(admin.SimpleListFilter):
    """Those that are deleted stand in no list but where they are asked for."""

    title = "deleted"
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "deleted"), ("all", "both")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": "not deleted"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        if self.value() == "all":
            return queryset
        return queryset.exclude(deleted_at=None) if self.value() == "yes" else queryset.filter(deleted_at=None)


@admin.register(Account)
class AccountAdmin(RecordAdmin):
    resource = "accounts"
    list_display = (
        "name",
        "email",
        "external_key",
        "currency",
        "country",
        "overdue_status",
        "test_clock",
        "created_at",
    )
    empty_hint = "Accounts are made by POST /v1/accounts, or brought in by `manage.py import_accounts`."
    list_filter = ("overdue_status", "tax_exempt", "dispute_hold", DeletedFilter)
    search_fields = ("name", "email", "external_key")
    search_help_text = "Part of a name, or a whole e-mail address, external key or id"
    fieldsets = (
        ("Customer", {"fields": (
            "name", "email", "external_key", "address", "country", "timezone", "locale", "created_at",
        )}),
        ("Billing", {"fields": (
            "currency", "overdue_status", "dispute_hold", "net_terms_days", "invoice_grouping", "tax_exempt", "tax_id",
            "purchase_order", "buyer_reference",
        )}),
        ("Record", {
            "fields": ("id", "test_clock", "metadata", "deleted_at", "version", "updated_at"), "classes": ("collapse",),
        }),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return super().get_queryset(request).select_related("test_clock")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Account], search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        """The whole term at once, by lookups that have indexes."""
        return (queryset.filter(matching(search_term.strip())) if search_term.strip() else queryset), False
