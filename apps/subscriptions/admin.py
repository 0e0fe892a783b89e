"""Subscriptions for staff, to read: each with the days that it was billed for."""

from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from apps.accounts.queries import accounts, matching
from apps.kernel.admin import RecordAdmin
from apps.kernel.paginators import EstimatedPaginator
from apps.subscriptions.models import BilledPeriod, Subscription


class StoppedFilter(admin.SimpleListFilter):
    """Whether the last renewal stopped with an error: what staff look at first."""

    title = "renewal"
    parameter_name = "renewal"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("stopped", "stopped with an error")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> QuerySet[Subscription]:
        return queryset.exclude(billing_error="") if self.value() == "stopped" else queryset


class BilledPeriodInline(admin.TabularInline):
    """Which days are billed by which line, newest first."""

    model = BilledPeriod
    fields = ("component", "days", "line_id", "waived", "released_by", "created_at")
    readonly_fields = fields
    ordering = ("-days",)
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True  # whoever may see the subscription's page

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Subscription)
class SubscriptionAdmin(RecordAdmin):
    resource = "subscriptions"
    paginator = EstimatedPaginator
    list_display = (
        "id", "account", "plan", "status", "quantity", "current_period_end", "next_billing_at", "stopped",
        "external_key",
    )  # fmt: skip
    list_filter = ("status", StoppedFilter)
    list_select_related = ("account", "plan")
    search_fields = ("external_key",)
    search_help_text = "A whole external key or id, or an account: part of its name, its e-mail address, key or id"
    fields = (
        "id", "external_key", "account", "plan", "plan_version", "status", "billing_error", "quantity", "start_date",
        "trial_end", "billing_anchor_date", "billed_to", "current_period_start", "current_period_end",
        "next_billing_at", "metadata", "version", "created_at", "updated_at",
    )  # fmt: skip
    inlines = (BilledPeriodInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        return super().get_queryset(request).select_related("account", "plan", "plan_version")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Subscription], search_term: str
    ) -> tuple[QuerySet[Subscription], bool]:
        """The whole term at once, by lookups that have indexes."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(external_key=term) | Q(account__in=accounts().filter(matching(term)))
        try:
            found |= Q(pk=UUID(term))
        except ValueError:
            return queryset.filter(found), False
        return queryset.filter(found), False

    @admin.display(description="renewal stopped", boolean=True)
    def stopped(self, subscription: Subscription) -> bool:
        return bool(subscription.billing_error)
