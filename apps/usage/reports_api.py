"""/v1/usage/summary and /v1/usage/export"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.errors import Invalid, Problem
from apps.rest.filters import ResourceFilterBackend
from apps.rest.renderers import CsvRenderer, JSONRenderer
from apps.rest.viewsets import ResourceViewSet, operation
from apps.usage import export
from apps.usage.api import UsageFilter
from apps.usage.models import UsageEvent
from apps.usage.objects import UsageSummaryObject
from apps.usage.queries import events, windows
from apps.usage.rules.caps import plain
from apps.usage.rules.meters import MAX_GROUPS

FILTERS = ("subscription_id", "metric", "timestamp_after", "timestamp_before")
_METRIC = OpenApiParameter("metric", str, description="Events of this metric alone.")
_RANGE = [
    OpenApiParameter("timestamp_after", OpenApiTypes.DATETIME, description="Used at this instant or later."),
    OpenApiParameter("timestamp_before", OpenApiTypes.DATETIME, description="Used before this instant."),
]


class ParquetRenderer(JSONRenderer):
    """Stands for Parquet as CsvRenderer does for CSV."""

    media_type = "application/vnd.apache.parquet"
    format = "parquet"


class UsageReportViewSet(ResourceViewSet):
    """Usage as figures and as files."""

    resource = "usage"
    queryset = events.events()
    object_class = UsageSummaryObject
    filterset_class = UsageFilter
    files = {"export": [CsvRenderer, ParquetRenderer]}
    action_parameters = {"summary": (*FILTERS, "group_by"), "export": (*FILTERS, "format")}

    @operation(
        output=UsageSummaryObject,
        many=True,
        parameters=[
            OpenApiParameter("subscription_id", UUID, required=True, description="Whose usage."),
            _METRIC,
            *_RANGE,
            OpenApiParameter("group_by", str, description=f"Properties, at most {MAX_GROUPS}, separated by commas."),
        ],
    )
    def summary(self, request: Request) -> Response:
        """Sum usage up by local day, metric and properties; what was voided is left out."""
        timezone = self._timezone()
        groups = [name for name in request.query_params.get("group_by", "").split(",") if name]
        if len(groups) > MAX_GROUPS:
            detail = f"At most {MAX_GROUPS} properties."
            raise Invalid(
                "group_by_invalid", detail, hint="Ask twice.", errors=[Problem("?group_by", "too_long", detail)]
            )
        rows = events.by_day(self._rows(), timezone, groups)
        return Response({"data": [_summary(row, groups) for row in rows]})

    @extend_schema(
        parameters=[
            OpenApiParameter("subscription_id", UUID, description="Events of this subscription alone."),
            _METRIC,
            *_RANGE,
            OpenApiParameter("format", str, enum=list(export.FORMATS), description="csv when left out."),
        ],
        responses={
            (200, CsvRenderer.media_type): OpenApiTypes.STR,
            (200, ParquetRenderer.media_type): OpenApiTypes.BINARY,
        },
    )
    def export(self, request: Request) -> HttpResponseBase:
        """Stream events as a file, in the order of their arrival, those that are void too."""
        name = request.query_params.get("format", "csv")
        if name not in export.FORMATS:
            detail = f"Usage is exported as {' or '.join(export.FORMATS)}."
            raise Invalid(
                "format_unknown", detail, hint="?format=csv", errors=[Problem("?format", "invalid_choice", detail)]
            )
        kind, write = export.FORMATS[name]
        headers = {"Content-Disposition": f'attachment; filename="usage.{name}"'}
        return StreamingHttpResponse(write(self._rows()), content_type=kind, headers=headers)

    def _rows(self) -> QuerySet[UsageEvent]:
        return ResourceFilterBackend().filter_queryset(self.request, events.events(), self)

    def _timezone(self) -> str:
        """The zone of the subscription that is asked for."""
        asked = self.request.query_params.get("subscription_id", "")
        try:
            found = windows.timezone_of(UUID(asked))
        except ValueError:
            found = None
        if found is None:
            detail = f"No metered subscription {asked[:100]!r}." if asked else "Say which subscription."
            raise Invalid(
                "subscription_unknown",
                detail,
                hint="Send ?subscription_id= with the id of a subscription whose plan has metered charges.",
                errors=[Problem("?subscription_id", "subscription_unknown", detail)],
            )
        return found


def _summary(row: Any, groups: list[str]) -> UsageSummaryObject:
    return UsageSummaryObject(
        day=row["day"],
        metric=row["metric"],
        group={name: row[f"group{index}"] for index, name in enumerate(groups)},
        events=row["events"],
        sum=plain(row["sum"]),
        max=plain(row["max"]),
    )
