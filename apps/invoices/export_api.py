"""/v1/invoices/export"""

from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from apps.invoices import queries
from apps.invoices.api import InvoiceFilter
from apps.invoices.export import FORMATS
from apps.invoices.objects import InvoiceObject
from apps.kernel.errors import Invalid, Problem
from apps.rest.operations import Many
from apps.rest.permissions import demand
from apps.rest.renderers import CsvRenderer, JSONRenderer
from apps.rest.viewsets import ResourceViewSet


class InvoiceExportViewSet(ResourceViewSet):
    """Invoices as a file. Whoever exports them may read invoices, and export."""

    resource = "invoices"
    action_resources = {"export_all": "exports"}
    queryset = queries.invoices()
    object_class = InvoiceObject
    filterset_class = InvoiceFilter
    filtered_actions = frozenset({"export_all"})
    files = {"export_all": [CsvRenderer, JSONRenderer]}
    action_parameters = {"export_all": ("format",)}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Both rows of the role table must allow it."""
        super().initial(request, *args, **kwargs)
        demand(request.user, self.resource, "read")

    @extend_schema(
        operation_id="invoices_export_all",
        parameters=[OpenApiParameter("format", str, enum=list(FORMATS), description="csv when left out.")],
        responses={(200, CsvRenderer.media_type): OpenApiTypes.STR, (200, "application/json"): Many(InvoiceObject)},
    )
    def export_all(self, request: Request) -> HttpResponseBase:
        """Stream the invoices that the filters of the list leave as a file, oldest first.

        CSV has a line an invoice, JSON their lines and taxes too.
        """
        name = request.query_params.get("format", "csv")
        if name not in FORMATS:
            detail = f"Invoices are exported as {' or '.join(FORMATS)}."
            raise Invalid(
                "format_unknown", detail, hint="?format=csv", errors=[Problem("?format", "invalid_choice", detail)]
            )
        kind, write = FORMATS[name]
        headers = {"Content-Disposition": f'attachment; filename="invoices.{name}"'}
        return StreamingHttpResponse(
            write(self.filter_queryset(self.get_queryset())), content_type=kind, headers=headers
        )
