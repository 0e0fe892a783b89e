"""Messages for staff, to read: what was sent, what was given up, and who gets none."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.queries import ids_matching
from apps.kernel.admin import RecordAdmin
from apps.notifications.models import Message, Suppression, Wording


@admin.register(Message)
class MessageAdmin(RecordAdmin):
    resource = "invoices"
    list_display = ("subject", "status", "to", "kind", "language", "sent_at", "created_at")
    list_filter: Any = ("status", "kind", "language")
    search_fields = ("to",)
    exact = ()
    exact_ids = ("pk", "invoice_id")
    by_account = staticmethod(ids_matching)
    search_help_text = "A whole id of a message or an invoice, or an account: name, e-mail, key or id"
    empty_hint = "A mail is written for each invoice."
    fieldsets = (
        ("Message", {"fields": ("account", "invoice", "kind", "language", "to", "subject", "text")}),
        ("Sending", {"fields": ("status", "sent_at", "calls", "next_call_at", "last_error")}),
        ("Record", {"fields": ("id", "created_at", "updated_at"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).select_related("account", "invoice")


@admin.register(Suppression)
class SuppressionAdmin(RecordAdmin):
    resource = "invoices"
    list_display = ("address", "scope", "cause", "detail", "created_at", "lifted_at")
    list_filter = ("scope", "cause", ("lifted_at", admin.EmptyFieldListFilter))
    search_fields = ("address",)
    exact = ("address",)
    exact_ids = ("pk", "message_id")
    search_help_text = "A whole address, or id of a message"
    empty_hint = "No mail has come back, and nobody wants fewer."
    fields = ("address", "scope", "cause", "detail", "message", "actor", "created_at", "lifted_at", "lifted_by", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suppression]:
        return super().get_queryset(request).select_related("message")


@admin.register(Wording)
class WordingAdmin(RecordAdmin):
    resource = "dunning_policies"
    list_display = ("kind", "language", "subject", "updated_at")
    list_filter = ("kind", "language")
    fields = ("kind", "language", "subject", "body", "version", "created_at", "updated_at")
