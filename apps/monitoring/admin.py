"""Alerts, probes, backups and costs for staff, to read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from apps.kernel.admin import RecordAdmin
from apps.kernel.columns import NOTHING, column, label
from apps.monitoring.models import Alert, Backup, InfrastructureCost, ProbeResult

TONES = {"critical": "bad", "warning": "warning", "info": "quiet"}
SEVERITY = column("severity", lambda row: label(row.severity, TONES[row.severity]))
RUNBOOK = column(
    "runbook",
    lambda row: (
        format_html('<a href="{0}" rel="noreferrer">{0}</a>', row.runbook_url)
        if row.runbook_url.startswith(("https://", "http://"))
        else NOTHING
    ),
)
DOLLARS = column("a month", lambda row: f"${row.monthly_cents / 100:,.2f}")


class FiringFilter(admin.SimpleListFilter):
    """What fires, unless somebody looks for the past."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("resolved", "resolved"), ("all", "all")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "resolved":
            return queryset.filter(resolved_at__isnull=False)
        if self.value() == "all" or request.resolver_match is None or "object_id" in request.resolver_match.kwargs:
            return queryset
        return queryset.filter(resolved_at__isnull=True)


@admin.register(Alert)
class AlertAdmin(RecordAdmin):
    resource = "pending_work"
    list_display: Any = ("alert_name", SEVERITY, "summary", "fired_at", "resolved_at", "acknowledged_by", "assignee")
    list_filter: Any = (FiringFilter, "severity")
    list_select_related = ("acknowledged_by", "assignee")
    search_fields = ("alert_name",)
    exact = ("alert_name", "fingerprint")
    search_help_text = "A whole name or fingerprint"
    empty_hint = "Nothing fires. Alertmanager posts to /internal/alerts."
    fieldsets = (
        ("Alert", {"fields": ("alert_name", SEVERITY, "summary", "description", RUNBOOK, "labels")}),
        ("When", {"fields": ("fired_at", "resolved_at", "note")}),
        ("Who", {"fields": ("acknowledged_by", "acknowledged_at", "assignee")}),
        ("Record", {"fields": ("id", "fingerprint", "version", "created_at", "updated_at"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        return super().get_queryset(request).select_related("acknowledged_by", "assignee")


@admin.register(ProbeResult)
class ProbeResultAdmin(RecordAdmin):
    resource = "pending_work"
    list_display = ("region", "success", "milliseconds", "detail", "at")
    list_filter = ("success",)
    search_fields = ("region",)
    exact = ("region",)
    search_help_text = "A whole name of a region"
    empty_hint = "No probe has told of itself. See docs/observability.md."


@admin.register(Backup)
class BackupAdmin(RecordAdmin):
    resource = "pending_work"
    list_display = ("kind", "finished_at", "size")
    empty_hint = "No backup was ever recorded: `manage.py backup_done` says that one is finished."


@admin.register(InfrastructureCost)
class InfrastructureCostAdmin(RecordAdmin):
    resource = "pending_work"
    list_display: Any = ("item", DOLLARS, "valid_from", "note", "actor", "created_at")
    search_fields = ("item",)
    exact = ("item",)
    search_help_text = "A whole name of an item"
    empty_hint = "Enter what each thing costs a month; see docs/cost-model.md."
    fields = ("item", DOLLARS, "valid_from", "note", "actor", "id", "created_at")
