"""Plans for staff, to read: each with its versions and their prices."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from apps.kernel.admin import RecordAdmin
from apps.kernel.paginators import EstimatedPaginator
from apps.plans.models import Plan, PlanVersion


def price_list(version: PlanVersion) -> str:
    """The prices of a version whose prices are prefetched, in minor units."""
    return ", ".join(f"{price.amount} {price.currency}" for price in version.prices.all())


class VersionInline(admin.TabularInline):
    """The terms of a plan over time."""

    model = PlanVersion
    fields = ("version", "interval", "interval_count", "trial_days", "tax_behavior", "tax_code", "prices", "created_at")
    readonly_fields = fields
    ordering = ("-version",)
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[PlanVersion]:
        return super().get_queryset(request).prefetch_related("prices")

    @admin.display(description="prices, in minor units")
    def prices(self, version: PlanVersion) -> str:
        return price_list(version)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return True  # whoever may see the plan's page

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(Plan)
class PlanAdmin(RecordAdmin):
    resource = "plans"
    paginator = EstimatedPaginator
    list_display = ("name", "key", "active", "current_version", "terms", "created_at")
    list_filter = ("active",)
    search_fields = ("name", "key")
    search_help_text = "Part of a name or key"
    fields = ("id", "name", "key", "active", "current_version", "metadata", "version", "created_at", "updated_at")
    inlines = (VersionInline,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Plan]:
        current = PlanVersion.objects.filter(version=models.F("plan__current_version")).prefetch_related("prices")
        return super().get_queryset(request).prefetch_related(models.Prefetch("versions", current, "current"))

    @admin.display(description="terms")
    def terms(self, plan: Any) -> str:
        version = plan.current[0]
        every = (
            f"every {version.interval_count} {version.interval}s" if version.interval_count > 1 else version.interval
        )
        return f"{price_list(version)} / {every}"
