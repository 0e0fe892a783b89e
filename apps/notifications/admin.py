"""Messages for staff, to read: what was sent, and what was given up (status FAILED)."""

from django.contrib import admin

from apps.kernel.admin import RecordAdmin
from apps.notifications.models import Message


@admin.register(Message)
class MessageAdmin(RecordAdmin):
    resource = "invoices"
    list_display = ("created_at", "kind", "to", "subject", "status", "calls", "sent_at", "last_error")
    list_filter = ("status", "kind")
    search_fields = ("=to",)
