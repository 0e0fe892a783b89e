"""Accounts as files, streamed as the API gives them: one with all that is held about it, or those that a list shows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse

from apps.accounts.export import FORMATS, whole
from apps.accounts.models import Account
from apps.accounts.queries import accounts
from apps.backoffice.pages import Button
from apps.kernel import clock
from apps.kernel.admin import allowed

ONE, MANY = "accounts_account_export", "accounts_account_export_all"
LIST = "accounts_account_changelist"
FORMAT = "csv"


def may_export(request: HttpRequest) -> bool:
    """As the API has it: both rows of the role table must allow it."""
    return allowed(request, "accounts") and allowed(request, "exports")


class Exporting:
    """The buttons and what they give, for the accounts' admin."""

    admin_site: Any
    change_list_template = "backoffice/list.html"

    def get_urls(self) -> list[URLPattern]:
        one, many = (self.admin_site.admin_view(each) for each in (self.export, self.export_all))
        found = [path("export", many, name=MANY), path("<uuid:pk>/export", one, name=ONE)]
        return [*found, *super().get_urls()]  # type: ignore[misc]

    def export(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """All that is held about one account, as JSON."""
        _refuse(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        account = get_object_or_404(accounts(), pk=pk)
        headers = {"Content-Disposition": f'attachment; filename="account-{account.pk}.json"'}
        content = whole(account, at=clock.wall())
        return StreamingHttpResponse(content, content_type="application/json", headers=headers)

    def export_all(self, request: HttpRequest) -> HttpResponseBase:
        """The accounts that the list shows by the same search and filters, all its pages, oldest first."""
        _refuse(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        try:
            shown = self.get_changelist_instance(request)  # type: ignore[attr-defined]
        except IncorrectLookupParameters:
            return redirect(f"{reverse(f'admin:{LIST}')}?e=1")
        kind, write = FORMATS[FORMAT]
        headers = {"Content-Disposition": f'attachment; filename="accounts.{FORMAT}"'}
        rows = shown.queryset.select_related(None)
        return StreamingHttpResponse(write(rows), content_type=kind, headers=headers)

    def buttons(self, request: HttpRequest, row: Account) -> Sequence[Button]:
        found: Sequence[Button] = super().buttons(request, row)  # type: ignore[misc]
        if not may_export(request):
            return found
        return [*found, Button("Export", reverse(f"admin:{ONE}", args=[row.pk]), "download")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with what it is exported by where who asks may."""
        asked = request.GET.copy()
        asked.pop("p", None)
        address = f"{reverse(f'admin:{MANY}')}?{asked.urlencode()}".rstrip("?")
        buttons = [Button("Export", address, "download")] if may_export(request) else []
        context = {**(extra_context or {}), "buttons": buttons}
        return super().changelist_view(request, context)  # type: ignore[misc]


def _refuse(request: HttpRequest) -> None:
    if not may_export(request):
        raise PermissionDenied
