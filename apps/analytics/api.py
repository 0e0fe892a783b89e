"""/v1/analytics/recovery"""

import re
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.analytics.export import recovery_csv
from apps.analytics.objects import RecoveryObject, recovery_object
from apps.analytics.periods import before
from apps.analytics.recovery import recovery
from apps.clocks.models import TestClock
from apps.kernel import clock
from apps.kernel.currencies import CURRENCIES
from apps.kernel.errors import Invalid, Problem
from apps.payments.queries import payments
from apps.rest.objects import builtins
from apps.rest.renderers import CsvRenderer
from apps.rest.viewsets import ResourceViewSet, operation

MOST_MONTHS, USUAL_MONTHS = 60, 12

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_PARAMETERS = [
    OpenApiParameter("from", str, description=f"First month: 2026-01; {USUAL_MONTHS - 1} before `to` when left out."),
    OpenApiParameter("to", str, description=f"Last month, at most {MOST_MONTHS} in all; this one when left out."),
    OpenApiParameter("currency", str, description="In this currency alone."),
    OpenApiParameter("test_clock_id", UUID, description="Of accounts on this test clock; left out: of those on none."),
]


class RecoveryViewSet(ResourceViewSet):
    """What became of payments that failed."""

    resource = "analytics"
    queryset = payments()
    object_class = RecoveryObject
    action_parameters = {
        "recovery": ("from", "to", "currency", "test_clock_id"),
        "export": ("from", "to", "currency", "test_clock_id"),
    }

    def get_renderers(self) -> Any:
        """The file by its own type."""
        return [CsvRenderer()] if self.action == "export" else super().get_renderers()

    @operation(output=RecoveryObject, many=True, name="analytics_recovery", parameters=_PARAMETERS)
    def recovery(self, request: Request) -> Response:
        """Sum up what failed and what was recovered, by month, currency, reason and what recovered it."""
        return Response({"data": [builtins(recovery_object(group)) for group in recovery(**self._asked())]})

    @extend_schema(
        operation_id="analytics_recovery_csv",
        parameters=_PARAMETERS,
        responses={(200, CsvRenderer.media_type): OpenApiTypes.STR},
    )
    def export(self, request: Request) -> HttpResponseBase:
        """Stream the same as CSV: a line for each month, currency, reason and what recovered it."""
        headers = {"Content-Disposition": 'attachment; filename="recovery.csv"'}
        kind = f"{CsvRenderer.media_type}; charset=utf-8"
        return StreamingHttpResponse(recovery_csv(recovery(**self._asked())), content_type=kind, headers=headers)

    def _asked(self) -> dict[str, Any]:
        given = self.request.query_params
        ours = self._clock(given.get("test_clock_id", ""))
        now = ours.frozen_time if ours else clock.wall()
        last = self._month("to") or now.date().replace(day=1)
        first = self._month("from") or before(last, USUAL_MONTHS - 1)
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        if not 1 <= months <= MOST_MONTHS:
            raise _refusal(
                "from", "range_invalid", f"From {first:%Y-%m} to {last:%Y-%m} is not 1 to {MOST_MONTHS} months."
            )
        code = given.get("currency", "")
        if code and code not in CURRENCIES:
            raise _refusal("currency", "currency_unknown", f"{code[:20]!r} is not a currency that we know.")
        return {"first": first, "last": last, "now": now, "currency": code, "clock_id": ours.pk if ours else None}

    def _month(self, name: str) -> date | None:
        text = self.request.query_params.get(name)
        if not text:
            return None
        found = _MONTH.fullmatch(text)
        if found is None or not 1970 <= int(found[1]) <= 9000:
            raise _refusal(name, "parameter_invalid", f"`{name}` is not a month such as 2026-04.")
        return date(int(found[1]), int(found[2]), 1)

    def _clock(self, text: str) -> TestClock | None:
        if not text:
            return None
        try:
            found = TestClock.objects.filter(pk=UUID(text)).first()
        except ValueError:
            found = None
        if found is None:
            raise _refusal("test_clock_id", "test_clock_unknown", f"There is no test clock {text[:100]!r}.")
        return found


def _refusal(name: str, code: str, detail: str) -> Invalid:
    hint = "GET /v1/analytics/recovery?from=2026-01&to=2026-04&currency=EUR"
    return Invalid(code, detail, hint=hint, errors=[Problem(f"?{name}", code, detail)])
