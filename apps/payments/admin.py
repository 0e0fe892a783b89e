"""Payments, payment methods and the gateway's notices for staff, to read."""

from django.contrib import admin

from apps.kernel.admin import RecordAdmin, money
from apps.kernel.paginators import EstimatedPaginator
from apps.payments.models import GatewayNotice, Payment, PaymentMethod

# Staff read what dj-stripe holds through our own pages; its forty of its own would bury them.
for model in [each for each in admin.site._registry if each._meta.app_label == "djstripe"]:
    admin.site.unregister(model)

ACCOUNT = ("=account__id", "=account__email", "=account__external_key")
AMOUNT, REFUNDED = money("amount"), money("amount_refunded")
WORK = ("calls", "next_call_at", "lease_until", "last_error")


class PaymentsAdmin(RecordAdmin):
    """What the three pages share."""

    paginator = EstimatedPaginator


@admin.register(Payment)
class PaymentAdmin(PaymentsAdmin):
    resource = "payments"
    list_display = (
        "id", "account", "invoice", AMOUNT, "status", "failure_code", "last_error", "created_at",
    )  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("account", "invoice")
    search_fields = ("=id", "=invoice__number", "=gateway_transaction_id", *ACCOUNT)
    search_help_text = "A whole id or gateway id of a payment, an invoice's number, or an account's id, e-mail or key"
    fields = (
        "id", "account", "invoice", "payment_method", "method", AMOUNT, REFUNDED, "status", "attempt",
        "gateway_transaction_id", "failure_code", "failure_message", "settled_at", "next_retry_at", *WORK,
        "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = (AMOUNT, REFUNDED)


@admin.register(PaymentMethod)
class PaymentMethodAdmin(PaymentsAdmin):
    resource = "payment_methods"
    list_display = (
        "id", "account", "type", "card_brand", "card_last4", "is_default", "status", "failure_code", "created_at",
    )  # fmt: skip
    list_filter = ("status", "is_default")
    list_select_related = ("account",)
    search_fields = ("=id", "=gateway_id", *ACCOUNT)
    search_help_text = "A whole id or gateway id of a method, or an account's id, e-mail or key"
    fields = (
        "id", "account", "type", "card_brand", "card_last4", "card_exp_month", "card_exp_year", "is_default", "status",
        "gateway_id", "failure_code", "failure_message", *WORK, "created_at", "updated_at",
    )  # fmt: skip


@admin.register(GatewayNotice)
class GatewayNoticeAdmin(PaymentsAdmin):
    resource = "payments"
    list_display = ("gateway_event_id", "event_type", "object_id", "status", "last_error", "created_at")
    list_filter = ("status", "event_type")
    search_fields = ("=gateway_event_id", "=object_id")
    search_help_text = "The gateway's whole id of an event or of the charge it names"
    fields = ("gateway_event_id", "event_type", "object_id", "status", *WORK, "created_at")
