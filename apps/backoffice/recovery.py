"""What became of payments that failed: by month what was recovered and by what, in one currency."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse

from apps.accounts.queries import currencies
from apps.analytics.export import recovery_csv
from apps.analytics.periods import Interval, Period, before, months_of
from apps.analytics.recovery import Group, Recovered, recovery, share
from apps.backoffice.charts import bars
from apps.backoffice.figures import view
from apps.backoffice.tables import Card, Table
from apps.backoffice.words import reason
from apps.kernel import clock
from apps.kernel.admin import allowed
from apps.kernel.columns import NOTHING, amount
from apps.kernel.currencies import currency as known

SPANS = (3, 12, 24)
ORIGINS = {
    "retry": "Retry {retry}", "method": "New payment method", "page": "Customer, on the invoice's page",
    "person": "Somebody asked for it", "transfer": "Bank transfer", "invoice": "The invoice itself",
    "unknown": "Not known", None: "Not recovered",
}  # fmt: skip


def recovery_page(site: Any, request: HttpRequest) -> HttpResponseBase:
    """The newest months; `?format=csv` gives the same as a file."""
    if not allowed(request, "analytics"):
        raise PermissionDenied
    looked = view(request.GET.get("clock", ""), clock.wall())
    codes = currencies()
    asked = request.GET.get("currency", "")
    code = asked if asked in codes else (codes[0] if codes else "")
    span = next((each for each in SPANS if str(each) == request.GET.get("months")), 12)
    last = looked.at.date()
    first, last = months_of(before(last, span - 1), last)
    found = recovery(Period(first, last, Interval.MONTH, looked.at, code, looked.clock_id))
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": 'attachment; filename="recovery.csv"'}
        return StreamingHttpResponse(recovery_csv(found), content_type="text/csv; charset=utf-8", headers=headers)
    return _shown(site, request, list(found), code, {"view": looked, "codes": codes, "span": span, "spans": SPANS})


def _shown(site: Any, request: HttpRequest, found: Sequence[Group], code: str, asked: dict[str, Any]) -> HttpResponse:
    whole = [group for group in found if group.reason is None]
    query = request.GET.copy()
    query["format"] = "csv"
    context = {
        **site.each_context(request),
        "title": "Recovery",
        "subtitle": None,
        **asked,
        "code": code,
        "file": f"?{query.urlencode()}",
        "cards": _cards(whole, code) if whole else [],
        "chart": bars([(group.month, _major(group.recovered, code)) for group in reversed(whole)]),
        "tables": [_months(whole, code), *(_month(group, found, code) for group in whole)],
    }
    return TemplateResponse(request, "backoffice/recovery.html", context)


def _cards(whole: Sequence[Group], code: str) -> list[Card]:
    failed, recovered = sum(group.failed for group in whole), sum(group.recovered for group in whole)
    ripe = sum(group.ripe_failed for group in whole)
    within = _percent(share(sum(group.ripe_recovered for group in whole), ripe)) if ripe else NOTHING
    kept, lost = sum(group.kept for group in whole), sum(group.lost for group in whole)
    cases, rate = sum(group.cases for group in whole), _percent(share(recovered, failed))
    return [
        Card("Failed at first", [(amount(failed, code), "")], note=f"{cases:,} invoices."),
        Card("Recovered since", [(amount(recovered, code), ""), (rate, "")], tone="good"),
        Card("Within ten days", [(within, "")], note="Of what failed ten days ago or earlier. The goal is 40 %."),
        Card("Subscriptions kept", [(f"{kept:,}", "")], note=f"{lost:,} were cancelled for nonpayment."),
    ]  # fmt: skip


def _months(whole: Sequence[Group], code: str) -> Table:
    rows = [
        (
            group.month,
            f"{group.recovered_cases:,} of {group.cases:,}",
            amount(group.failed, code),
            amount(group.recovered, code),
            _percent(group.rate),
            NOTHING if group.ripe_rate is None else _percent(group.ripe_rate),
            _days(group.median_days),
        )
        for group in whole
    ]
    columns = ("Failed in", "Invoices", "Failed", "Recovered", "Rate", "Within ten days", "Median days")
    return Table("By month", columns, rows, hint="No payment has failed in these months.")


def _month(group: Group, found: Sequence[Group], code: str) -> Table:
    """What recovered it, reason by reason."""
    own = [each for each in found if each.month == group.month and each.reason is not None]
    rows = [
        (
            reason(each.reason or "") if not index else "",
            _by(by),
            by.message.replace("_", " ") if by.message else NOTHING,
            f"{by.cases:,}",
            amount(by.failed, code),
            amount(by.amount, code) if by.origin else NOTHING,
            _days(by.median_days),
        )
        for each in sorted(own, key=lambda each: -each.failed)
        for index, by in enumerate(each.by)
    ]
    columns = ("Why it failed", "Recovered by", "After the message", "Invoices", "Failed", "Recovered", "Median days")
    return Table(group.month, columns, rows)


def _by(found: Recovered) -> str:
    return ORIGINS[found.origin].format(retry=found.retry)


def _days(days: Decimal | None) -> object:
    return NOTHING if days is None else f"{days}"


def _percent(share: Decimal) -> str:
    return f"{share * 100:.1f} %"


def _major(value: int, code: str) -> Decimal:
    return Decimal(value).scaleb(-known(code).exponent) if code else Decimal(value)
