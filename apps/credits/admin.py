"""Credits for staff, to read: what was given, what is left of it, and where it went."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.queries import ids_matching
from apps.credits.models import Grant, Use
from apps.credits.queries import grants
from apps.kernel.admin import PartInline, RecordAdmin, money

AMOUNT, REMAINING = money("amount"), money("remaining")


class UseInline(PartInline):
    model = Use
    fields = ("kind", money("amount", beside="grant"), "invoice_id", "at")


@admin.register(Grant)
class GrantAdmin(RecordAdmin):
    resource = "credits"
    list_display = ("id", "account", AMOUNT, REMAINING, "reason", "source", "expires_at", "at")
    list_filter = ("source",)
    list_select_related = ("account",)
    search_fields = ("id",)
    exact = ()
    exact_ids = ("pk", "source_id")
    by_account = staticmethod(ids_matching)
    search_help_text = "A whole id, or an account: part of its name, its e-mail, key or id"
    empty_hint = "Credits are given by POST /v1/credits, or come of payments above a balance."
    fields = (
        "id", "account", AMOUNT, REMAINING, "reason", "source", "source_id", "expires_at", "at", "actor", "metadata",
    )  # fmt: skip
    inlines = (UseInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return grants().select_related("account").order_by("-pk")
