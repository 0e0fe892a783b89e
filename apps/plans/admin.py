"""Plans for staff, to read: each with its versions and their prices."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.kernel.admin import PartInline, RecordAdmin
from apps.kernel.columns import amount
from apps.plans.models import Plan, PlanVersion


def price_list(version: PlanVersion) -> SafeString:
    """The prices of a version whose prices are prefetched."""
    return format_html_join(", ", "{}", ((amount(price.amount, price.currency),) for price in version.prices.all()))


class VersionInline(PartInline):
    """The terms of a plan over time."""

    model = PlanVersion
    fields = ("version", "interval", "interval_count", "trial_days", "tax_behavior", "tax_code", "prices", "created_at")
    ordering = ("-version",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[PlanVersion]:
        return super().get_queryset(request).prefetch_related("prices")

    @admin.display(description="prices")
    def prices(self, version: PlanVersion) -> SafeString:
        return price_list(version)


@admin.register(Plan)
class PlanAdmin(RecordAdmin):
    resource = "plans"
    list_display = ("name", "key", "active", "current_version", "terms", "created_at")
    list_filter = ("active",)
    search_fields = ("name", "key")
    search_help_text = "Part of a name or key"
    empty_hint = "Plans are made by POST /v1/plans, or brought in by `manage.py catalog apply`."
    fields = ("id", "name", "key", "active", "current_version", "metadata", "version", "created_at", "updated_at")
    inlines = (VersionInline,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Plan]:
        current = PlanVersion.objects.filter(version=models.F("plan__current_version")).prefetch_related("prices")
        return super().get_queryset(request).prefetch_related(models.Prefetch("versions", current, "current"))

    @admin.display(description="terms")
    def terms(self, plan: Any) -> SafeString:
        version = plan.current[0]
        every = (
            f"every {version.interval_count} {version.interval}s" if version.interval_count > 1 else version.interval
        )
        return format_html("{} / {}", price_list(version), every)
