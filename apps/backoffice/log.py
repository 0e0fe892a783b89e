"""The audit log with people and keys by name, and who has seen one customer's data."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.access.queries import names as known_by
from apps.accounts.models import Account
from apps.audit.admin import PAGE, REQUEST, ROW, EntryAdmin, page_of
from apps.audit.models import Entry
from apps.audit.rules import Access
from apps.backoffice.tables import Table
from apps.kernel.columns import column, label, link, when

ACCESSES = [each.value for each in Access]


def names(actors: Iterable[str]) -> Mapping[str, str]:
    """Actors by name, of those who have one: people and keys."""
    ids: dict[str, set[UUID]] = {"user": set(), "api_key": set()}
    for actor in set(actors):
        kind, _, id = actor.partition(":")
        try:
            ids.get(kind, set()).add(UUID(id))
        except ValueError:
            continue
    return known_by(ids["user"], ids["api_key"])


def by(actor: str, known: Mapping[str, str]) -> SafeString:
    """Who it was, by name; as the log has it on hover."""
    return format_html('<span title="{}">{}</span>', actor, known.get(actor, actor))


BY = column("actor", lambda entry: by(entry.actor, getattr(entry, "known", {})))


class LogPage(EntryAdmin):
    """The log, with names."""

    list_display = ("id", "at", BY, "operation", "table_name", ROW, PAGE, REQUEST)
    fields = ("at", BY, "correlation", "operation", "table_name", "row_id", "before", "after")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With the names of this page's actors."""
        found = super().get_changelist_instance(request)
        _know(list(found.result_list))
        return found

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Entry | None:
        """With the name of its actor."""
        entry: Entry | None = super().get_object(request, object_id, from_field)
        _know([entry] if entry else [])
        return entry


def _know(entries: Sequence[Entry]) -> None:
    known = names(each.actor for each in entries)
    for each in entries:
        each.known = known  # type: ignore[attr-defined]


def log_tables(account: Account, shown: int) -> list[Table]:
    """What was changed of an account, and who has seen its page or had a file of it."""
    about = Entry.objects.filter(table_name=Account._meta.db_table, row_id=str(account.pk)).order_by("-id")
    changes = list(about.exclude(operation__in=ACCESSES)[:shown])
    accesses = list(about.filter(operation__in=ACCESSES)[:shown])
    known = names(each.actor for each in (*changes, *accesses))
    return [
        Table(
            "Audit log of the account",
            ("Change", "By", "What", "When"),
            [
                (link(row, row.operation.lower()), by(row.actor, known),
                 ", ".join((row.after or row.before or {}).keys())[:200], when(row.at))
                for row in changes
            ],
            more=_all(account, "changes"),
        ),
        Table(
            "Who has seen it",
            ("How", "Who", "Page", "When"),
            [(label(row.operation), by(row.actor, known), page_of(row), when(row.at)) for row in accesses],
            hint="Nobody yet.",
            more=_all(account, "access"),
        ),
    ]  # fmt: skip


def _all(account: Account, what: str) -> str:
    return f"{reverse('admin:audit_entry_changelist')}?q={account.pk}&what={what}"


admin.site.unregister(Entry)
admin.site.register(Entry, LogPage)
