"""Base of admin pages: the role table decides, nothing is edited but through actions, big tables are not counted."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from apps.kernel.money import Money


def money(field: str, *, beside: str = "") -> Any:
    """A column that shows an amount as people read it. `beside` names the relation that holds the currency, if any."""

    def shown(row: Any) -> str:
        holder = getattr(row, beside) if beside else row
        amount = Money(int(getattr(row, field)), holder.currency)
        return f"{amount.major():,f} {amount.currency}"

    shown.short_description = field.replace("_", " ")  # type: ignore[attr-defined]
    shown.__name__ = f"{field}_shown"
    return shown


def decimal(field: str, label: str = "") -> Any:
    """A column that shows a decimal without the zeros at its end."""

    def shown(row: Any) -> str:
        value = getattr(row, field)
        return "-" if value is None else f"{value.normalize():f}"

    shown.short_description = label or field.replace("_", " ")  # type: ignore[attr-defined]
    shown.__name__ = f"{field}_shown"
    return shown


class RecordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A read-only page of one table. `resource` is a row of the role table (`access.rules`)."""

    resource: ClassVar[str]
    show_full_result_count = False
    list_per_page = 50
    actions: Any = None
    ordering: ClassVar[Any] = ("-pk",)

    class Media:
        css: ClassVar[dict[str, Any]] = {"all": ("backoffice.css",)}

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return bool(request.user.is_active and request.user.may(self.resource, "read"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
