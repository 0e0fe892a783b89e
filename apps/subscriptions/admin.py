"""Subscriptions for staff, to read: each with the days that it was billed for."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.accounts.queries import ids_matching
from apps.kernel.admin import PartInline, RecordAdmin
from apps.kernel.columns import NOTHING, label, link
from apps.subscriptions.models import (
    BilledPeriod,
    BillingRun,
    BulkMove,
    MoveRefusal,
    Rerating,
    RunFailure,
    ScheduledChange,
    Subscription,
)


class StoppedFilter(admin.SimpleListFilter):
    """Whether the last renewal stopped with an error: what staff look at first."""

    title = "renewal"
    parameter_name = "renewal"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("stopped", "stopped with an error")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> QuerySet[Subscription]:
        return queryset.exclude(billing_error="") if self.value() == "stopped" else queryset


class BilledPeriodInline(PartInline):
    """Which days are billed by which line, newest first."""

    model = BilledPeriod
    fields = ("component", "days", "line_id", "waived", "released_by", "created_at")
    ordering = ("-days",)


class ScheduledChangeInline(PartInline):
    """What is to become of it, and what became of earlier intentions."""

    model = ScheduledChange
    fields = ("kind", "due_date", "outcome", "details", "created_at", "updated_at")
    ordering = ("-id",)


@admin.register(Subscription)
class SubscriptionAdmin(RecordAdmin):
    resource = "subscriptions"
    list_display = (
        "id", "account", "plan", "status", "quantity", "current_period_end", "next_billing_at", "stopped",
        "external_key",
    )  # fmt: skip
    list_filter: Any = ("status", StoppedFilter)
    list_select_related = ("account", "plan")
    search_fields = ("external_key",)
    exact = ("external_key",)
    by_account = staticmethod(ids_matching)
    empty_hint = "Subscriptions are made by POST /v1/subscriptions, or brought in by `manage.py import_accounts`."
    search_help_text = "A whole external key or id, or an account: part of its name, its e-mail address, key or id"
    fieldsets = (
        ("Subscription", {"fields": (
            "account", "plan", "plan_version", "quantity", "status", "external_key", "billing_error",
            "billing_retry_at",
        )}),
        ("Days", {"fields": (
            "start_date", "trial_end", "current_period_start", "current_period_end", "next_billing_at", "billed_to",
            "billing_anchor_date", "cancelled_at", "cancellation_reason",
        )}),
        ("Record", {"fields": ("id", "metadata", "version", "created_at", "updated_at"), "classes": ("collapse",)}),
    )  # fmt: skip
    inlines = (ScheduledChangeInline, BilledPeriodInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        return super().get_queryset(request).select_related("account", "plan", "plan_version")

    @admin.display(description="renewal")
    def stopped(self, subscription: Subscription) -> SafeString:
        return label("stopped", "bad") if subscription.billing_error else NOTHING


@admin.register(BillingRun)
class BillingRunAdmin(RecordAdmin):
    """What a night billed, how far it is, and what stopped."""

    resource = "billing_runs"
    list_display: Any = ("at", "status", "due", "done", "invoices", "failed", "test_clock", "created_at", "finished_at")
    list_filter = ("status", "dry")
    list_select_related = ("test_clock",)
    empty_hint = "A run is made as soon as a subscription falls due; nothing was due yet."
    fields = (
        "at", "status", "dry", "test_clock", "due", "done", "periods", "invoices", "failed", "batches", "created_at",
        "finished_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[BillingRun]:
        return super().get_queryset(request).select_related("test_clock")


@admin.register(RunFailure)
class RunFailureAdmin(RecordAdmin):
    """What runs could not bill, and why; the subscription says whether it still stands."""

    resource = "billing_runs"
    list_display = ("created_at", "subscription", "account", "reason", "run")
    list_select_related = ("subscription__account", "run")
    search_fields = ("run__id",)
    exact_ids = ("run_id", "subscription_id")
    exact = ()
    search_help_text = "The whole id of a run or a subscription"
    empty_hint = "No run has failed to bill a subscription."

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunFailure]:
        return super().get_queryset(request).select_related("subscription__account", "run__test_clock")

    @admin.display(description="account")
    def account(self, failure: RunFailure) -> SafeString:
        return link(failure.subscription.account)


class MoveRefusalInline(PartInline):
    """Who stays as they are, and why."""

    model = MoveRefusal
    fields = ("subscription", "reason", "created_at")


@admin.register(BulkMove)
class BulkMoveAdmin(RecordAdmin):
    """Subscribers on their way from one version of a plan to another."""

    resource = "bulk_moves"
    list_display = ("created_at", "plan", "to_version", "effective", "due", "moved", "refused", "finished_at")
    list_select_related = ("plan", "to_version")
    search_fields = ("plan__key",)
    search_help_text = "Part of a plan's key"
    empty_hint = "Subscribers are moved from a plan's page, or by POST /v1/bulk-moves."
    inlines = (MoveRefusalInline,)
    fields = (
        "plan", "from_version", "to_version", "effective", "proration_behavior", "due", "moved", "refused", "actor",
        "created_at", "finished_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkMove]:
        return super().get_queryset(request).select_related("plan", "to_version")


@admin.register(Rerating)
class ReratingAdmin(RecordAdmin):
    """Closed periods rated again."""

    resource = "reratings"
    list_display = ("created_at", "plan", "plan_version", "corrected_version", "status", "due", "finished_at")
    list_select_related = ("plan", "plan_version", "corrected_version")
    search_fields = ("plan__key",)
    search_help_text = "Part of a plan's key"
    empty_hint = "Closed periods are rated again from a plan's page, or by POST /v1/re-ratings."
    fields = (
        "plan", "plan_version", "corrected_version", "periods_from", "periods_until", "reason", "status", "due",
        "actor", "billed_by", "created_at", "finished_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rerating]:
        return super().get_queryset(request).select_related("plan", "plan_version", "corrected_version")
