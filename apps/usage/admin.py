"""Usage for staff, to read: events, what was corrected, and when each subscription takes events."""

from django.contrib import admin

from apps.kernel.admin import RecordAdmin, decimal
from apps.usage.models import Correction, MeterWindow, UsageEvent

QUANTITY = decimal("quantity")


@admin.register(UsageEvent)
class UsageEventAdmin(RecordAdmin):
    resource = "usage"
    list_display = ("id", "subscription_id", "metric", QUANTITY, "timestamp", "received_at")
    search_fields = ("id",)
    exact = ()
    exact_ids = ("pk", "subscription_id")
    search_help_text = "A whole id of an event or a subscription"
    empty_hint = "Events come by POST /v1/usage."
    fields = (
        "id", "subscription_id", "metric", QUANTITY, "timestamp", "received_at", "idempotency_key", "properties",
    )  # fmt: skip


@admin.register(Correction)
class CorrectionAdmin(RecordAdmin):
    resource = "usage"
    list_display = ("id", "subscription_id", "metric", "event_id", "replaced_by", "reason", "at")
    search_fields = ("id",)
    exact = ()
    exact_ids = ("pk", "event_id", "replaced_by", "subscription_id")
    search_help_text = "A whole id of a correction, an event or a subscription"
    empty_hint = "Events are voided and replaced by POST /v1/usage/{id}/void and /replace."
    fields = ("id", "subscription_id", "metric", "timestamp", "event_id", "replaced_by", "reason", "at", "actor")


@admin.register(MeterWindow)
class MeterWindowAdmin(RecordAdmin):
    resource = "usage"
    list_display = ("id", "subscription_id", "starts_at", "ends_at", "accept_until")
    search_fields = ("id",)
    exact = ("external_key",)
    exact_ids = ("pk", "subscription_id", "account_id")
    search_help_text = "A subscription's external key, or a whole id of a window, a subscription or an account"
    empty_hint = "A subscription whose plan has metered charges has a window for each period."
    fields = (
        "id", "subscription_id", "account_id", "external_key", "timezone", "starts_at", "ends_at", "accept_until",
        "metrics", "created_at",
    )  # fmt: skip
