"""Service levels of 30 days: what is promised, what was kept, what is left of the error budget, and what fires."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.backoffice.tables import Card, Table
from apps.kernel import clock
from apps.kernel.admin import allowed
from apps.kernel.columns import NOTHING, label, link, on, when
from apps.monitoring import queries
from apps.monitoring.rules.levels import AVAILABILITY, LEVELS, Counted, budgets, remaining
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import Status

RESOURCE = "pending_work"
LITTLE = Decimal("0.25")
TARGET_DOLLARS, TARGET_SUBSCRIPTIONS = 1000, 10_000
NEWEST = 20


def levels_page(site: Any, request: HttpRequest) -> HttpResponse:
    """As many queries however much there is."""
    if not allowed(request, RESOURCE):
        raise PermissionDenied
    at = clock.wall()
    counted = queries.counted(at)
    left = budgets(counted)
    context = {
        **site.each_context(request),
        "title": "Service levels",
        "subtitle": None,
        "cards": [_availability(left), _firing(), _cost()],
        "tables": [_levels(counted, left), _alerts(), _days()],
    }
    return TemplateResponse(request, "backoffice/levels.html", context)


def _tone(left: Decimal) -> str:
    return "bad" if left < 0 else "warning" if left < LITTLE else "good"


def _percent(share: Decimal | None, places: int = 3) -> object:
    return NOTHING if share is None else f"{share * 100:.{places}f} %"


def _availability(left: Mapping[str, Decimal]) -> Card:
    share = left[AVAILABILITY]
    tone = "bad" if share < 0 else ""
    return Card(
        "Error budget of availability",
        [(_percent(share, 1), "")],
        note="Left of 30 days at 99.9 %; the worse of requests and probe.",
        tone=tone,
    )


def _firing() -> Card:
    firing = queries.alerts().filter(resolved_at=None)
    found = [(f"{firing.count()} alerts", f"{reverse('admin:monitoring_alert_changelist')}")]
    return Card("Firing now", found)


def _cost() -> Card:
    rows = queries.costs(clock.wall().date())
    dollars = Decimal(sum(row.monthly_cents for row in rows)) / 100
    active = Subscription.objects.filter(status=Status.ACTIVE.value).count()
    by_thousand = f"${dollars / active * 1000:,.2f} for 1,000 subscriptions" if active else "no subscription is active"
    return Card(
        "Cost a month",
        [(f"${dollars:,.2f}", reverse("admin:monitoring_infrastructurecost_changelist"))] if rows else [],
        hint="Nobody has entered any.",
        note=f"{by_thousand}; the target is ${TARGET_DOLLARS:,} for {TARGET_SUBSCRIPTIONS:,}.",
        tone="bad" if dollars > TARGET_DOLLARS and dollars * TARGET_SUBSCRIPTIONS > TARGET_DOLLARS * active else "",
    )


def _levels(counted: Mapping[str, Counted], left: Mapping[str, Decimal]) -> Table:
    rows = []
    for slo, level in LEVELS.items():
        found = counted.get(slo, Counted(0, 0))
        shown = label(f"{left[slo] * 100:.1f} %", _tone(left[slo])) if found.total else NOTHING
        rows.append(
            (level.title, _percent(level.objective, 2), _percent(found.share), f"{found.total:,}", shown, level.counts)
        )
    return Table("30 days", ("Level", "Promised", "Kept", "Of", "Budget left", "What counts as good"), rows)


def _alerts() -> Table:
    rows = [
        (link(each, each.alert_name), each.severity, when(each.fired_at), when(each.resolved_at), each.summary)
        for each in queries.alerts()[:NEWEST]
    ]
    more = reverse("admin:monitoring_alert_changelist") + "?state=all"
    columns = ("Alert", "Severity", "Fired", "Resolved", "")
    return Table("Newest alerts", columns, rows, hint="None yet.", more=more)


def _days() -> Table:
    by_day: dict[Any, dict[str, Counted]] = {}
    for day, slo, counts in queries.daily(clock.wall()):
        by_day.setdefault(day, {})[slo] = counts
    rows: list[Sequence[object]] = []
    for day, found in sorted(by_day.items(), reverse=True):
        cells: list[object] = [on(day)]
        for slo, level in LEVELS.items():
            counted = found.get(slo)
            tone = "" if counted is None else "good" if remaining(counted, level.objective) >= 0 else "bad"
            cells.append(label(_percent(counted.share, 2), tone) if counted else NOTHING)
        rows.append(cells)
    return Table("By day", ("Day", *(level.title for level in LEVELS.values())), rows)
