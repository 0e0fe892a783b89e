"""Messages for staff, to read: what was sent, and what was given up (status FAILED)."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.queries import ids_matching
from apps.kernel.admin import RecordAdmin
from apps.notifications.models import Message


@admin.register(Message)
class MessageAdmin(RecordAdmin):
    resource = "invoices"
    list_display = ("subject", "status", "to", "kind", "sent_at", "created_at")
    list_filter = ("status", "kind")
    search_fields = ("to",)
    exact = ()
    exact_ids = ("pk", "invoice_id")
    by_account = staticmethod(ids_matching)
    search_help_text = "A whole id of a message or an invoice, or an account: name, e-mail, key or id"
    empty_hint = "A mail is written for each invoice."
    fieldsets = (
        ("Message", {"fields": ("account", "invoice", "kind", "to", "subject", "text")}),
        ("Sending", {"fields": ("status", "sent_at", "calls", "next_call_at", "last_error")}),
        ("Record", {"fields": ("id", "created_at", "updated_at"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).select_related("account", "invoice")
