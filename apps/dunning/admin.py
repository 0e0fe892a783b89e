"""Who is behind with paying, by which policies that is judged, and what happened: for staff, to read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.queries import ids_matching
from apps.accounts.rules import OverdueStatus
from apps.dunning.models import History, Policy, Standing
from apps.kernel.admin import RecordAdmin
from apps.kernel.columns import column, label, link

CUSTOMER = column("customer", lambda row: link(row.account, row.account.name))
HELD = column("on_hold", lambda row: label("on hold", "warning") if row.account.dispute_hold else "-")


class HoldFilter(admin.SimpleListFilter):
    """On hold or not."""

    title = "hold"
    parameter_name = "hold"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "on hold"), ("no", "not on hold")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(account__dispute_hold=self.value() == "yes")


class BehindFilter(admin.SimpleListFilter):
    """The queue, unless somebody looks for a state."""

    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("settled", "nothing overdue"), ("all", "all that ever were")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "settled":
            return queryset.filter(due_date=None, status=OverdueStatus.CURRENT)
        if self.value() == "all" or request.resolver_match is None or "object_id" in request.resolver_match.kwargs:
            return queryset
        return queryset.exclude(due_date=None, status=OverdueStatus.CURRENT)


@admin.register(Standing)
class StandingAdmin(RecordAdmin):
    resource = "accounts"
    list_display: Any = (CUSTOMER, "status", "reason", "due_date", "invoice", HELD, "policy", "since")
    list_filter: Any = (BehindFilter, "status", "reason", HoldFilter, "policy")
    search_fields = ("account",)
    exact = ()
    by_account = staticmethod(ids_matching)
    search_help_text = "An account: name, e-mail, key or id"
    empty_hint = "Nobody is behind with paying."
    ordering = ("due_date", "id")
    fieldsets = (
        ("Customer", {"fields": (CUSTOMER, "status", "reason", "since", HELD, "policy")}),
        ("Oldest unpaid", {"fields": ("invoice", "due_date")}),
        ("Record", {"fields": ("id", "version", "created_at", "updated_at"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Standing]:
        return super().get_queryset(request).select_related("account", "invoice", "policy")


@admin.register(History)
class HistoryAdmin(RecordAdmin):
    resource = "accounts"
    list_display = (CUSTOMER, "kind", "status_before", "status_after", "days", "message", "note", "actor", "at")
    list_filter = ("kind", "status_after")
    search_fields = ("account",)
    exact = ()
    exact_ids = ("pk", "invoice_id")
    by_account = staticmethod(ids_matching)
    search_help_text = "A whole id of a row or an invoice, or an account: name, e-mail, key or id"
    empty_hint = "Nobody was ever behind with paying."
    fields = (
        CUSTOMER, "kind", "at", "status_before", "status_after", "reason", "days", "invoice", "message",
        "policy_version", "note", "actor", "id", "created_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[History]:
        return super().get_queryset(request).select_related("account", "invoice", "policy_version__policy")


@admin.register(Policy)
class PolicyAdmin(RecordAdmin):
    resource = "dunning_policies"
    list_display = ("name", "is_default", "updated_at")
    search_fields = ("name",)
    search_help_text = "Part of a name"
    fields = ("name", "is_default", "id", "created_at", "updated_at")
    ordering = ("name",)
