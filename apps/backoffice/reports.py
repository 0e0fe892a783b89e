"""Reports over months in one currency, on whichever clock: what is asked for, the page, the file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse

from apps.accounts.queries import currencies
from apps.analytics.periods import Interval, Period, before, months_of
from apps.backoffice.charts import bars
from apps.backoffice.figures import View, view
from apps.backoffice.tables import Card, Table
from apps.kernel import clock
from apps.kernel.admin import allowed
from apps.kernel.currencies import currency

SPANS = (3, 12, 24)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says: the period up to now, its currency (empty where there are no accounts), page or file."""

    period: Period
    view: View
    codes: list[str]
    span: int
    file: bool

    @property
    def code(self) -> str:
        """The one currency."""
        return self.period.currency


@dataclass(frozen=True, slots=True)
class Report:
    """What a page shows. `bars`: amounts in minor units, the oldest first."""

    title: str
    cards: Sequence[Card]
    chart_title: str
    chart_note: str
    bars: Sequence[tuple[str, int]]
    tables: Sequence[Table]


def looked_at(request: HttpRequest) -> Asked:
    """What is wrong in the query string counts as left out. Errors: PermissionDenied without analytics."""
    if not allowed(request, "analytics"):
        raise PermissionDenied
    looked = view(request.GET.get("clock", ""), clock.wall())
    codes = currencies()
    wanted = request.GET.get("currency", "")
    code = wanted if wanted in codes else (codes[0] if codes else "")
    span = next((each for each in SPANS if str(each) == request.GET.get("months")), 12)
    last = looked.at.date()
    first, last = months_of(before(last, span - 1), last)
    period = Period(first, last, Interval.MONTH, looked.at, code, looked.clock_id)
    return Asked(period, looked, codes, span, file=request.GET.get("format") == "csv")


def as_file(file: Callable[[Period], Iterator[bytes]], name: str, asked: Asked) -> StreamingHttpResponse:
    """The report as CSV, as the API streams it."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingHttpResponse(file(asked.period), content_type="text/csv; charset=utf-8", headers=headers)


def shown(site: Any, request: HttpRequest, report: Report, asked: Asked) -> HttpResponse:
    """The page."""
    query = request.GET.copy()
    query["format"] = "csv"
    exponent = currency(asked.code).exponent if asked.code else 0
    context = {
        **site.each_context(request),
        "title": report.title,
        "subtitle": None,
        "view": asked.view,
        "codes": asked.codes,
        "code": asked.code,
        "span": asked.span,
        "spans": SPANS,
        "file": f"?{query.urlencode()}",
        "cards": report.cards,
        "chart_title": report.chart_title,
        "chart_note": report.chart_note,
        "chart": bars([(name, Decimal(value).scaleb(-exponent)) for name, value in report.bars]),
        "tables": report.tables,
    }
    return TemplateResponse(request, "backoffice/report.html", context)


def percent(share: Decimal) -> str:
    """Of a share of one."""
    return f"{share * 100:.1f} %"
