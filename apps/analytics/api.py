"""/v1/analytics: what subscriptions bring in, how it moves, what became of payments that failed."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.analytics.asked import MOST_DAYS, MOST_MONTHS, PARAMETERS, USUAL_DAYS, USUAL_MONTHS, asked, refusal
from apps.analytics.export import FILES, MONTHLY
from apps.analytics.models import MrrMovement
from apps.analytics.movements import lifetimes, movements
from apps.analytics.objects import RecoveryObject, recovery_object
from apps.analytics.objects_movements import (
    ChurnObject,
    LifetimeObject,
    MovementsObject,
    churn_object,
    lifetime_object,
    movements_object,
)
from apps.analytics.objects_reports import RevenueObject, UsageTrendObject, revenue_object, usage_trend_object
from apps.analytics.periods import Interval, Period
from apps.analytics.recovery import recovery
from apps.analytics.revenue import revenue
from apps.analytics.usage import usage_trends
from apps.rest.deprecation import Deprecation
from apps.rest.objects import ApiObject, builtins
from apps.rest.renderers import CsvRenderer
from apps.rest.viewsets import ResourceViewSet, operation

_MONTHS = [
    OpenApiParameter("from", str, description=f"First month: 2026-01; {USUAL_MONTHS - 1} before `to` when left out."),
    OpenApiParameter("to", str, description=f"Last month, at most {MOST_MONTHS} in all; this one when left out."),
    OpenApiParameter("currency", str, description="In this currency alone."),
    OpenApiParameter(
        "test_clock_id", OpenApiTypes.UUID, description="Of accounts on this test clock; left out: of those on none."
    ),
]
_METRIC = OpenApiParameter("metric", str, description="Of this metric alone.")
_STEPS = [
    OpenApiParameter(
        "interval", str, enum=[each.value for each in Interval],
        description=f"`month` when left out. By `day`, `from` and `to` are days: at most {MOST_DAYS}, the last"
        f" {USUAL_DAYS} when left out.",
    ),
    *_MONTHS,
]  # fmt: skip


_GOES = datetime(2026, 11, 29, tzinfo=UTC)


class AnalyticsViewSet(ResourceViewSet):
    """Figures of months and days, each local to its account, the newest first; currencies are never added up."""

    resource = "analytics"
    queryset = MrrMovement.objects.all()
    object_class = MovementsObject
    action_parameters = {
        "mrr": ("interval", *PARAMETERS),
        "churn": ("interval", *PARAMETERS),
        "ltv": PARAMETERS,
        "usage": ("interval", "metric", *PARAMETERS),
        "revenue": ("interval", *PARAMETERS),
        "recovery": PARAMETERS,
        "export": ("report", "interval", *PARAMETERS),
        "recovery_file": PARAMETERS,
    }
    files = {"export": [CsvRenderer], "recovery_file": [CsvRenderer]}
    deprecations = {
        "recovery_file": Deprecation(_GOES, _GOES.replace(year=2027), "/v1/analytics/export?report=recovery")
    }

    @operation(output=MovementsObject, many=True, name="analytics_mrr", parameters=_STEPS)
    def mrr(self, request: Request) -> Response:
        """Show how monthly recurring revenue moved, by month or day and currency, from its first movement on."""
        return _listed(movements(self._period()), movements_object)

    @operation(output=ChurnObject, many=True, name="analytics_churn", parameters=_STEPS)
    def churn(self, request: Request) -> Response:
        """Show which customers and how much revenue were lost, voluntarily and not, by month or day and currency."""
        return _listed(movements(self._period()), churn_object)

    @operation(output=LifetimeObject, many=True, name="analytics_ltv", parameters=_MONTHS)
    def ltv(self, request: Request) -> Response:
        """Estimate what a customer is worth, by currency, from the churn of the months asked for."""
        return _listed(lifetimes(self._period()), lifetime_object)

    @operation(output=UsageTrendObject, many=True, name="analytics_usage", parameters=[*_STEPS, _METRIC])
    def usage(self, request: Request) -> Response:
        """Sum up usage by month or day and metric, of all accounts; what was voided is left out."""
        return _listed(usage_trends(self._period(), request.query_params.get("metric", "")), usage_trend_object)

    @operation(output=RevenueObject, many=True, name="analytics_revenue", parameters=_STEPS)
    def revenue(self, request: Request) -> Response:
        """Show what the books say by month or day and currency: invoiced, collected, given back, earned, owed."""
        return _listed(revenue(self._period()), revenue_object)

    @operation(output=RecoveryObject, many=True, name="analytics_recovery", parameters=_MONTHS)
    def recovery(self, request: Request) -> Response:
        """Sum up what failed and what was recovered, by month, currency, reason and what recovered it."""
        return _listed(recovery(self._period()), recovery_object)

    @extend_schema(
        operation_id="analytics_csv",
        parameters=[
            OpenApiParameter("report", str, enum=list(FILES), required=True, description="Which of them."), *_STEPS,
        ],
        responses={(200, CsvRenderer.media_type): OpenApiTypes.STR},
    )  # fmt: skip
    def export(self, request: Request) -> HttpResponseBase:
        """Stream a report as CSV; `movements` are those of revenue themselves, one a line, the oldest first."""
        name = request.query_params.get("report", "")
        if name not in FILES:
            raise refusal("report", "report_unknown", f"{name[:20]!r} is none of {', '.join(FILES)}.")
        return self._file(name)

    @extend_schema(
        operation_id="analytics_recovery_csv",
        parameters=_MONTHS,
        responses={(200, CsvRenderer.media_type): OpenApiTypes.STR},
        deprecated=True,
    )
    def recovery_file(self, request: Request) -> HttpResponseBase:
        """Stream the report of recovery as CSV, as `/analytics/export?report=recovery` does."""
        return self._file("recovery")

    def _file(self, name: str) -> HttpResponseBase:
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        kind = f"{CsvRenderer.media_type}; charset=utf-8"
        return StreamingHttpResponse(
            FILES[name](self._period(by_day=name not in MONTHLY)), content_type=kind, headers=headers
        )

    def _period(self, *, by_day: bool = True) -> Period:
        return asked(self.request.query_params.dict(), by_day=by_day)


def _listed(found: Iterable[Any], shown: Callable[[Any], ApiObject]) -> Response:
    return Response({"data": [builtins(shown(each)) for each in found]})
