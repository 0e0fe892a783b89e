"""Base of admin pages: the role table decides, nothing is edited but through actions, big tables are not counted."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from apps.kernel.columns import decimal, fitting, money
from apps.kernel.paginators import EstimatedPaginator

__all__ = ["PartInline", "RecordAdmin", "allowed", "decimal", "money"]


def allowed(request: HttpRequest, resource: str, right: str = "read") -> bool:
    """Whether who asks has this right by the role table."""
    user: Any = request.user
    return bool(user.is_active and user.may(resource, right))


class Shown:
    """What pages and their parts share: each field is shown by the column that fits it."""

    model: type[models.Model]
    fields: Any
    fieldsets: Any
    exclude: Any
    list_display: Any
    list_filter: Any

    def _names(self) -> list[Any]:
        if self.fieldsets:
            return [name for _, options in self.fieldsets for name in options["fields"]]
        left_out = self.exclude or ()
        return list(
            self.fields or [each.name for each in self.model._meta.concrete_fields if each.name not in left_out]
        )

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        return [fitting(self.model, name) for name in self._names()]

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        if not self.fieldsets:
            return [(None, {"fields": self.get_fields(request, obj)})]
        return [
            (title, {**options, "fields": [fitting(self.model, name) for name in options["fields"]]})
            for title, options in self.fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        return [name for _, options in self.get_fieldsets(request, obj) for name in options["fields"]]

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class PartInline(Shown, TabularInline):
    """Rows of a record, shown to whoever may see its page."""

    extra = 0
    can_delete = False
    show_change_link = False
    hide_title = True

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return True


class RecordAdmin(Shown, ModelAdmin):
    """A read-only page of one table. `resource` is a row of the role table (`access.rules`).

    With `exact` set, a search takes the whole term at once, by lookups that have an index: `exact` of texts,
    `exact_ids` of ids, `by_account` gives the accounts somebody may mean. Without it Django's `search_fields` do.
    """

    resource: ClassVar[str]
    empty_hint: ClassVar[str] = "Nothing has been recorded here yet, or your filters leave nothing over."
    exact: ClassVar[tuple[str, ...] | None] = None
    exact_ids: ClassVar[tuple[str, ...]] = ("pk",)
    by_account: ClassVar[Any] = None
    paginator = EstimatedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_fullwidth = True
    list_filter_submit = True
    list_disable_select_all = True
    compressed_fields = True
    sortable_by: ClassVar[Any] = ()
    actions: Any = None
    ordering: ClassVar[Any] = ("-pk",)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [fitting(self.model, name) for name in self.list_display]

    def get_list_display_links(self, request: HttpRequest, list_display: Sequence[Any]) -> Sequence[Any] | None:
        """The first column: what was named may have become a column of another name."""
        return list(list_display)[:1] if self.list_display_links is not None else None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if self.exact is None:
            found, many = super().get_search_results(request, queryset, search_term)
            return found, bool(many)
        term = search_term.strip()
        return (queryset.filter(self.found_by(term)) if term else queryset), False

    def found_by(self, term: str) -> Q:
        """Rows whose page somebody may mean who types `term`. Accounts are looked up first: an OR over two tables has
        no index."""
        found = Q(pk__in=[])
        for lookup in self.exact or ():
            found |= Q(**{lookup: term})
        try:
            whole = UUID(term)
        except ValueError:
            pass
        else:
            for lookup in self.exact_ids:
                found |= Q(**{lookup: whole})
        if self.by_account is not None:
            found |= Q(account__in=self.by_account(term))
        return found

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return allowed(request, self.resource)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
