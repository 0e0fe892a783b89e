"""Payments, payment methods and the gateway's notices for staff, to read."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from apps.accounts.queries import ids_matching
from apps.invoices.models import Invoice
from apps.kernel.admin import PartInline, RecordAdmin, money
from apps.kernel.columns import amount, column
from apps.payments.actions.notices import HEARD
from apps.payments.models import (
    BankLine,
    Chargeback,
    Difference,
    Dispute,
    GatewayMovement,
    GatewayNotice,
    Payment,
    PaymentMethod,
    Reconciliation,
    Refund,
)
from apps.payments.reconcile_rules import FIXES, KINDS, DifferenceStatus

# Staff read what dj-stripe holds through our own pages; its forty of its own would bury them.
for model in [each for each in admin.site._registry if each._meta.app_label == "djstripe"]:
    admin.site.unregister(model)

AMOUNT, REFUNDED, TAKEN = money("amount"), money("amount_refunded"), money("amount_charged_back")
CARRIED = money("carried")
WITHDRAWN = money("withdrawn")
WORK = ("calls", "next_call_at", "lease_until", "last_error")


@admin.register(Payment)
class PaymentAdmin(RecordAdmin):
    resource = "payments"
    list_display = ("id", "status", AMOUNT, "account", "invoice", "failure_code", "last_error", "created_at")
    list_filter: Any = ("status",)
    list_select_related = ("account", "invoice")
    search_fields = ("gateway_transaction_id",)
    exact = ("gateway_transaction_id",)
    exact_ids = ("pk", "invoice_id")
    by_account = staticmethod(ids_matching)
    search_help_text = "An invoice's number, a whole id or gateway id, or an account: name, e-mail, key or id"
    empty_hint = "Payments are opened when an invoice is made for an account with a payment method."
    fieldsets = (
        ("Payment", {"fields": (
            "account", "invoice", "payment_method", AMOUNT, CARRIED, REFUNDED, TAKEN, "status", "failure_code",
            "failure_message", "settled_at", "next_retry_at", "retries_exhausted_at", "action_until",
        )}),
        ("At the gateway", {"fields": ("id", "method", "gateway_transaction_id", "attempt", *WORK)}),
        ("Record", {"fields": ("created_at", "updated_at"), "classes": ("collapse",)}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        return super().get_queryset(request).select_related("account", "invoice", "payment_method")

    def found_by(self, term: str) -> Q:
        invoices = Invoice.objects.filter(number=term).values_list("pk", flat=True)
        return super().found_by(term) | Q(invoice__in=list(invoices))


@admin.register(PaymentMethod)
class PaymentMethodAdmin(RecordAdmin):
    resource = "payment_methods"
    list_display = (
        "id", "account", "type", "card_brand", "card_last4", "is_default", "status", "failure_code", "created_at",
    )  # fmt: skip
    list_filter = ("status", "is_default")
    list_select_related = ("account",)
    search_fields = ("gateway_id",)
    exact = ("gateway_id",)
    by_account = staticmethod(ids_matching)
    search_help_text = "A whole id or gateway id of a method, or an account: name, e-mail, key or id"
    fields = (
        "id", "account", "type", "card_brand", "card_last4", "card_exp_month", "card_exp_year", "is_default", "status",
        "gateway_id", "failure_code", "failure_message", "declined_at", *WORK, "created_at", "updated_at",
    )  # fmt: skip


@admin.register(Refund)
class RefundAdmin(RecordAdmin):
    resource = "refunds"
    list_display = ("id", "status", AMOUNT, "account", "invoice", "reason", "last_error", "created_at")
    list_filter = ("status",)
    list_select_related = ("account", "invoice")
    search_fields = ("gateway_refund_id",)
    exact = ("gateway_refund_id",)
    exact_ids = ("pk", "payment_id", "invoice_id")
    by_account = staticmethod(ids_matching)
    search_help_text = "A whole id or gateway id of a refund, payment or invoice, or an account"
    empty_hint = "Refunds are made on the page of a payment."
    fields = (
        "id", "payment", "invoice", "credit_note", "account", AMOUNT, "status", "reason", "actor", "gateway_refund_id",
        "failure_code", "settled_at", *WORK, "created_at", "updated_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        return super().get_queryset(request).select_related("account", "invoice", "payment", "credit_note")


class ChargebackInline(PartInline):
    model = Chargeback
    fields = (money("amount", beside="dispute"), "at", "reversed_at")


@admin.register(Dispute)
class DisputeAdmin(RecordAdmin):
    resource = "payments"
    list_display = ("id", "status", AMOUNT, WITHDRAWN, "account", "invoice", "reason", "opened_at", "closed_at")
    list_filter = ("status",)
    list_select_related = ("account", "invoice")
    search_fields = ("gateway_dispute_id",)
    exact = ("gateway_dispute_id",)
    exact_ids = ("pk", "payment_id", "invoice_id")
    by_account = staticmethod(ids_matching)
    search_help_text = "A whole id or gateway id of a dispute, payment or invoice, or an account"
    empty_hint = "No customer's bank has questioned a payment."
    inlines = (ChargebackInline,)
    fields = (
        "id", "payment", "invoice", "account", AMOUNT, WITHDRAWN, "status", "reason", "gateway_dispute_id",
        "opened_at", "closed_at", "created_at", "updated_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dispute]:
        return super().get_queryset(request).select_related("account", "invoice", "payment")


class TypeFilter(admin.SimpleListFilter):
    """One of the types that are kept: Django's own filter looks through all notices for those it has."""

    title = "type"
    parameter_name = "event_type"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(each, each) for each in HEARD]

    def queryset(self, request: HttpRequest, queryset: QuerySet[GatewayNotice]) -> QuerySet[GatewayNotice]:
        return queryset.filter(event_type=self.value()) if self.value() else queryset


@admin.register(GatewayNotice)
class GatewayNoticeAdmin(RecordAdmin):
    resource = "payments"
    list_display = ("gateway_event_id", "event_type", "object_id", "status", "last_error", "created_at")
    list_filter = ("status", TypeFilter)
    search_fields = ("gateway_event_id",)
    exact = ("gateway_event_id", "object_id")
    search_help_text = "The gateway's whole id of an event or of the charge it names"
    fields = ("gateway_event_id", "event_type", "object_id", "status", *WORK, "correlation", "created_at")


class TaskFilter(admin.SimpleListFilter):
    """What is to be done, unless somebody looks for what was."""

    title = "tasks"
    parameter_name = "tasks"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("resolved", "resolved"), ("dismissed", "dismissed"), ("all", "all that ever were")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Difference]) -> QuerySet[Difference]:
        if self.value() == "all" or request.resolver_match is None or "object_id" in request.resolver_match.kwargs:
            return queryset
        return queryset.filter(status=(self.value() or DifferenceStatus.OPEN).upper())


OUTSIDE = column("outside", lambda row: amount(row.outside_amount, row.outside_currency), "at the gateway")
OURS = column("ours", lambda row: amount(row.our_amount, row.our_currency), "in our books")
KIND = column("kind", lambda row: KINDS[row.kind], "what differs")
FIX = column("fix", lambda row: FIXES[row.fix], "proposed")


@admin.register(Difference)
class DifferenceAdmin(RecordAdmin):
    resource = "reconciliation"
    list_display = (KIND, OUTSIDE, OURS, "account", FIX, "status", "subject", "seen_at")
    list_filter: Any = (TaskFilter, "kind")
    list_select_related = ("account",)
    search_fields = ("subject",)
    exact = ("subject",)
    exact_ids = ("pk", "payment_id")
    by_account = staticmethod(ids_matching)
    search_help_text = "The gateway's whole id of a charge, a payment's id, or an account: name, e-mail, key or id"
    empty_hint = "The gateway and our books agree."
    fieldsets = (
        ("What differs", {"fields": (KIND, OUTSIDE, OURS, "account", "payment", "subject", "seen_at")}),
        ("What becomes of it", {"fields": (FIX, "status", "reason", "closed_by", "closed_at")}),
        ("Record", {"fields": ("id", "version", "created_at", "updated_at"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Difference]:
        return super().get_queryset(request).select_related("account", "payment")


@admin.register(Reconciliation)
class ReconciliationAdmin(RecordAdmin):
    resource = "reconciliation"
    list_display = ("created_at", "whole", "since", "until", "listed", "asked", "found", "finished_at", "last_error")
    list_filter = ("whole",)
    empty_hint = "The first look begins within the minute."
    fields = (
        "id", "slot", "whole", "since", "until", "listed", "asked", "found", "finished_at", *WORK, "created_at",
    )  # fmt: skip


@admin.register(GatewayMovement)
class GatewayMovementAdmin(RecordAdmin):
    resource = "reconciliation"
    list_display = ("gateway_id", "side", AMOUNT, "charge_id", "source_id", "at")
    list_filter = ("side",)
    search_fields = ("charge_id",)
    exact = ("charge_id", "gateway_id")
    exact_ids = ("pk",)
    search_help_text = "The gateway's whole id of a charge or of the movement"
    fields = (
        "id", "gateway_id", "side", AMOUNT, "charge_id", "source_id", "customer_id", "payment_id", "at", "created_at",
    )  # fmt: skip


@admin.register(BankLine)
class BankLineAdmin(RecordAdmin):
    resource = "bank_transfers"
    list_display = ("booked_on", AMOUNT, "payer", "reference", "account", "recorded_at", "file")
    list_select_related = ("account",)
    search_fields = ("digest",)
    exact = ("digest",)
    by_account = staticmethod(ids_matching)
    search_help_text = "An account: name, e-mail, key or id"
    empty_hint = "No bank statement has been imported yet."
    fields = (
        "booked_on", AMOUNT, "payer", "reference", "account", "recorded_at", "file", "number", "id", "digest",
        "created_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankLine]:
        return super().get_queryset(request).select_related("account")
