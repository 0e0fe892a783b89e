"""Credits and their uses for staff, to read."""

from django.contrib import admin

from apps.accounts.queries import ids_matching
from apps.credits.models import Grant, Use
from apps.kernel.admin import RecordAdmin, money

AMOUNT = money("amount")
USED = money("amount", beside="grant")


@admin.register(Grant)
class GrantAdmin(RecordAdmin):
    resource = "credits"
    list_display = ("id", "account", AMOUNT, "source", "reason", "expires_at", "created_at")
    list_filter = ("source",)
    list_select_related = ("account",)
    search_fields = ("id",)
    exact = ()
    exact_ids = ("pk", "source_id")
    by_account = staticmethod(ids_matching)
    search_help_text = "A whole id of a credit, or an account: name, e-mail, key or id"
    empty_hint = "Credits come from goodwill, overpayments and changes that give days back."
    fields = (
        "id", "account", AMOUNT, "reason", "source", "source_id", "expires_at", "at", "actor", "metadata", "created_at",
    )  # fmt: skip


@admin.register(Use)
class UseAdmin(RecordAdmin):
    resource = "credits"
    list_display = ("id", "grant", "kind", USED, "invoice_id", "at")
    list_filter = ("kind",)
    list_select_related = ("grant",)
    search_fields = ("id",)
    exact = ()
    exact_ids = ("pk", "grant_id", "invoice_id")
    search_help_text = "A whole id of a use, a credit or an invoice"
    fields = ("id", "grant", "kind", USED, "invoice_id", "at", "created_at")
