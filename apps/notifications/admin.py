"""Messages for staff, to read: what was sent, and what was given up (status FAILED)."""

from django.contrib import admin

from apps.accounts.queries import ids_matching
from apps.kernel.admin import RecordAdmin
from apps.notifications.models import Message


@admin.register(Message)
class MessageAdmin(RecordAdmin):
    resource = "invoices"
    list_display = ("created_at", "kind", "to", "subject", "status", "calls", "sent_at", "last_error")
    list_filter = ("status", "kind")
    search_fields = ("to",)
    exact = ()
    exact_ids = ("pk", "invoice_id")
    by_account = staticmethod(ids_matching)
    search_help_text = "A whole id of a message or an invoice, or an account: name, e-mail, key or id"
    empty_hint = "A message is written to the customer when an invoice is made."
