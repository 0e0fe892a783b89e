"""The log for Super Admins: filtered by table and actor, searched by actor, row or correlation."""

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.audit.models import Entry
from apps.audit.queries import audited_tables
from apps.kernel.admin import RecordAdmin
from apps.kernel.paginators import EstimatedPaginator


class TableFilter(admin.SimpleListFilter):
    """One audited table."""

    title = "table"
    parameter_name = "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(table, table) for table in audited_tables()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(table_name=self.value()) if self.value() else queryset


class ActorFilter(admin.SimpleListFilter):
    """The kind of actor; one actor is found by search."""

    title = "actor"
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("user", "staff user"), ("api_key", "API key"), ("system", "system job"), ("sql", "outside our code")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(actor__startswith=f"{self.value()}:") if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(RecordAdmin):
    resource = "audit"
    paginator = EstimatedPaginator
    list_display = ("id", "at", "actor", "operation", "table_name", "row_id", "correlation")
    list_filter = (TableFilter, ActorFilter)
    search_fields = ("=actor", "=row_id", "=correlation")
    search_help_text = "A whole actor (user:7), row id or correlation"
    ordering = ("-id",)
    fields: ClassVar[tuple[str, ...]] = (
        "at", "actor", "correlation", "operation", "table_name", "row_id", "pretty_before", "pretty_after",
    )  # fmt: skip

    @admin.display(description="before")
    def pretty_before(self, entry: Entry) -> SafeString:
        return _pretty(entry.before)

    @admin.display(description="after")
    def pretty_after(self, entry: Entry) -> SafeString:
        return _pretty(entry.after)


def _pretty(values: object) -> SafeString:
    if values is None:
        return format_html("{}", "-")
    return format_html("<pre>{}</pre>", json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False))
