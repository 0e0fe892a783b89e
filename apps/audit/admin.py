"""The log for Super Admins: filtered by what was done, table and actor, searched by actor, row or correlation."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.http import HttpRequest

from apps.audit.models import Entry
from apps.audit.queries import tables
from apps.audit.rules import Access
from apps.kernel.admin import RecordAdmin
from apps.kernel.columns import NOTHING, column, short

OTHERS = ~Q(actor__startswith="system:")
"""Said aloud, so that PostgreSQL sees that the index of people and keys has the rows."""


class KindFilter(admin.SimpleListFilter):
    """Changes, or who has seen what."""

    title = "what"
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("access", "views and exports"), ("VIEW", "views"), ("EXPORT", "exports"), ("changes", "changes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        accesses = [each.value for each in Access]
        if self.value() == "changes":
            return queryset.exclude(operation__in=accesses)
        if self.value() == "access":
            return queryset.filter(operation__in=accesses)
        return queryset.filter(operation=self.value()) if self.value() in accesses else queryset


class TableFilter(admin.SimpleListFilter):
    """One table of ours."""

    title = "table"
    parameter_name = "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(table, table) for table in tables()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(table_name=self.value()) if self.value() else queryset


class ActorFilter(admin.SimpleListFilter):
    """The kind of actor; one actor is found by search."""

    title = "actor"
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("user", "staff user"), ("api_key", "API key"), ("system", "system job"), ("sql", "outside our code")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        if not self.value():
            return queryset
        if self.value() == "system":
            return queryset.filter(actor__startswith="system:")
        kind = Func(F("actor"), Value(":"), Value(1), function="split_part", output_field=TextField())
        return queryset.alias(kind=kind).filter(OTHERS, kind=str(self.value()))


def page_of(entry: Entry) -> object:
    """Where it was seen, in words; nothing for changes."""
    if entry.operation not in set(Access):
        return NOTHING
    page = str((entry.after or {}).get("page", "")).removeprefix(f"{entry.table_name}_")
    if not page or page.startswith("/"):
        return page or NOTHING
    return {"change": "its page", "history": "its history"}.get(page, page.replace("_", " "))


PAGE = column("page", page_of)
ROW = column("row_id", lambda entry: short(entry.row_id), "row")
REQUEST = column("correlation", lambda entry: short(entry.correlation), "request")


@admin.register(Entry)
class EntryAdmin(RecordAdmin):
    resource = "audit"
    list_display: Any = ("id", "at", "actor", "operation", "table_name", ROW, PAGE, REQUEST)
    empty_hint = "Every change of every audited table is kept here, and who has seen a customer's data."
    list_filter = (KindFilter, TableFilter, ActorFilter)
    search_fields = ("row_id",)
    exact = ()
    search_help_text = "A whole actor (user:7), row id or correlation"
    ordering = ("-id",)
    fields: Any = (
        "at", "actor", "correlation", "operation", "table_name", "row_id", "before", "after",
    )  # fmt: skip

    def found_by(self, term: str) -> Q:
        """An actor by its kind; else a row, through the log's one index; else what one request did."""
        if ":" in term:
            return Q(actor=term) if term.startswith("system:") else Q(actor=term) & OTHERS
        of_row = Q(table_name__in=tables(), row_id=term)
        return of_row if Entry.objects.filter(of_row).exists() else Q(correlation=term)
