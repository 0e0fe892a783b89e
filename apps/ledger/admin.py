"""The books for staff: entries with their postings, and the trial balance. Nothing can be edited."""

from collections import Counter
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from apps.kernel.admin import RecordAdmin
from apps.kernel.paginators import EstimatedPaginator
from apps.ledger.models import Entry, Posting
from apps.ledger.queries import trial_balance
from apps.ledger.rules import Kind


class PostingInline(admin.TabularInline):
    model = Posting
    fields = ("ledger_account", "currency", "amount")
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return True  # whoever may see the entry's page

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class KindFilter(admin.SimpleListFilter):
    """One row of the posting table."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, kind.value) for kind in Kind]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Entry]) -> models.QuerySet[Entry]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(RecordAdmin):
    resource = "ledger"
    paginator = EstimatedPaginator
    list_display = ("id", "on", "kind", "currency", "source_type", "source_id", "account_id")
    list_filter = (KindFilter,)
    search_fields = ("=id", "=source_id", "=account_id")
    search_help_text = "The whole id of an entry, its source or its account"
    fields = ("kind", "currency", "source_type", "source_id", "account_id", "on", "effective_at", "created_at")
    inlines = (PostingInline,)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.trial_balance)
        return [path("trial-balance/", page, name="ledger_trial_balance"), *super().get_urls()]

    def trial_balance(self, request: HttpRequest) -> TemplateResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = trial_balance()
        totals: Counter[str] = Counter()
        for row in rows:
            totals[row.currency] += row.balance
        context = {
            **self.admin_site.each_context(request),
            "title": "Trial balance",
            "rows": rows,
            "totals": dict(totals),
        }
        return TemplateResponse(request, "ledger/trial_balance.html", context)
