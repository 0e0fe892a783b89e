"""What became of payments that failed: by month what was recovered and by what, in one currency."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.analytics.export import FILES
from apps.analytics.recovery import Group, Recovered, recovery, share
from apps.backoffice.reports import Report, as_file, looked_at, percent, shown
from apps.backoffice.tables import Card, Table
from apps.backoffice.words import reason
from apps.kernel.columns import NOTHING, amount

ORIGINS = {
    "retry": "Retry {retry}", "method": "New payment method", "page": "Customer, on the invoice's page",
    "person": "Somebody asked for it", "transfer": "Bank transfer", "invoice": "The invoice itself",
    "unknown": "Not known", None: "Not recovered",
}  # fmt: skip


def recovery_page(site: Any, request: HttpRequest) -> HttpResponseBase:
    """The newest months; `?format=csv` gives the same as a file."""
    asked = looked_at(request)
    if asked.file:
        return as_file(FILES["recovery"], "recovery", asked)
    found = list(recovery(asked.period))
    whole, code = [group for group in found if group.reason is None], asked.code
    report = Report(
        title="Recovery",
        cards=_cards(whole, code) if whole else [],
        chart_title="Recovered by month",
        chart_note="by the month in which the payment failed first",
        bars=[(group.month, group.recovered) for group in reversed(whole)],
        tables=[_months(whole, code), *(_month(group, found, code) for group in whole)],
    )
    return shown(site, request, report, asked)


def _cards(whole: Sequence[Group], code: str) -> list[Card]:
    failed, recovered = sum(group.failed for group in whole), sum(group.recovered for group in whole)
    ripe = sum(group.ripe_failed for group in whole)
    within = percent(share(sum(group.ripe_recovered for group in whole), ripe)) if ripe else NOTHING
    kept, lost = sum(group.kept for group in whole), sum(group.lost for group in whole)
    cases, rate = sum(group.cases for group in whole), percent(share(recovered, failed))
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
            percent(group.rate),
            NOTHING if group.ripe_rate is None else percent(group.ripe_rate),
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
