"""The books for staff: entries with their postings, and the trial balance. Nothing can be edited."""

from collections import Counter
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from apps.kernel.admin import PartInline, RecordAdmin, money
from apps.kernel.columns import amount
from apps.ledger.models import Entry, Posting
from apps.ledger.queries import trial_balance
from apps.ledger.rules import Kind


class PostingInline(PartInline):
    model = Posting
    fields = ("ledger_account", money("amount"))


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
    list_display = ("id", "on", "kind", "currency", "source_type", "source_id", "account_id")
    list_filter = (KindFilter,)
    search_fields = ("id",)
    exact = ()
    exact_ids = ("pk", "source_id", "account_id")
    empty_hint = "The books are written by invoices, payments, credits and refunds."
    search_help_text = "The whole id of an entry, its source or its account"
    fields = ("kind", "currency", "source_type", "source_id", "account_id", "on", "effective_at", "created_at")
    inlines = (PostingInline,)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.trial_balance)
        return [path("trial-balance/", page, name="ledger_trial_balance"), *super().get_urls()]

    def trial_balance(self, request: HttpRequest) -> TemplateResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = [
            (row, amount(row.debit, row.currency), amount(row.credit, row.currency), amount(row.balance, row.currency))
            for row in trial_balance()
        ]
        totals: Counter[str] = Counter()
        for row, *_ in rows:
            totals[row.currency] += row.balance
        context = {
            **self.admin_site.each_context(request),
            "title": "Trial balance",
            "rows": rows,
            "totals": [(currency, total, amount(total, currency)) for currency, total in totals.items()],
        }
        return TemplateResponse(request, "ledger/trial_balance.html", context)
