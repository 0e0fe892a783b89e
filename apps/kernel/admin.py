"""Base of admin pages: the role table decides, nothing is edited but through actions, big tables are not counted."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest


class RecordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A read-only page of one table. `resource` is a row of the role table (`access.rules`)."""

    resource: ClassVar[str]
    show_full_result_count = False
    list_per_page = 50
    actions: Any = None
    ordering: ClassVar[Any] = ("-pk",)

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
