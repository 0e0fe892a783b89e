"""/v1/accounts/export and /v1/accounts/{id}/export"""

from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from apps.accounts import queries
from apps.accounts.api import AccountFilter
from apps.accounts.export import FORMATS, export_object, whole
from apps.accounts.objects import AccountObject
from apps.kernel import clock
from apps.kernel.errors import Invalid, Problem
from apps.rest.operations import Many
from apps.rest.permissions import demand
from apps.rest.renderers import CsvRenderer, JSONRenderer
from apps.rest.viewsets import ResourceViewSet, operation

# Routes are read last, so every app has contributed its sections.
AccountExportObject = export_object()


class AccountExportViewSet(ResourceViewSet):
    """Accounts as files. Whoever exports them may read accounts, and export."""

    resource = "accounts"
    action_resources = {"export": "exports", "export_all": "exports"}
    queryset = queries.accounts()
    object_class = AccountObject
    filterset_class = AccountFilter
    filtered_actions = frozenset({"export_all"})
    files = {"export": [JSONRenderer], "export_all": [CsvRenderer, JSONRenderer]}
    action_parameters = {"export_all": ("format",)}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Both rows of the role table must allow it."""
        super().initial(request, *args, **kwargs)
        demand(request.user, self.resource, "read")

    @operation(output=AccountExportObject)
    def export(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """Stream all that is held about an account as one JSON document."""
        account = self.get_object()
        headers = {"Content-Disposition": f'attachment; filename="account-{account.pk}.json"'}
        content = whole(account, at=clock.wall())
        return StreamingHttpResponse(content, content_type="application/json", headers=headers)

    @extend_schema(
        operation_id="accounts_export_all",
        parameters=[OpenApiParameter("format", str, enum=list(FORMATS), description="csv when left out.")],
        responses={(200, CsvRenderer.media_type): OpenApiTypes.STR, (200, "application/json"): Many(AccountObject)},
    )
    def export_all(self, request: Request) -> HttpResponseBase:
        """Stream the accounts that the filters of the list leave as a file, oldest first."""
        name = request.query_params.get("format", "csv")
        if name not in FORMATS:
            detail = f"Accounts are exported as {' or '.join(FORMATS)}."
            raise Invalid(
                "format_unknown", detail, hint="?format=csv", errors=[Problem("?format", "invalid_choice", detail)]
            )
        kind, write = FORMATS[name]
        headers = {"Content-Disposition": f'attachment; filename="accounts.{name}"'}
        rows = self.filter_queryset(self.get_queryset())
        return StreamingHttpResponse(write(rows), content_type=kind, headers=headers)
