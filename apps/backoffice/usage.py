"""The usage of one subscription, period by period: each charge's days as a chart, what it costs, what it is held to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.backoffice.charts import BarChart, Gauge, bars, gauge
from apps.backoffice.tables import Card
from apps.clocks.queries import now_for
from apps.kernel.admin import allowed
from apps.kernel.columns import amount, page_of, when
from apps.kernel.periods import Period, local_date, midnight
from apps.plans.rules import CapBehavior, ThresholdKind
from apps.plans.words import about, quantity, threshold_words
from apps.subscriptions import usage_queries
from apps.subscriptions.actions.portions import Portion, asked_of
from apps.subscriptions.current_usage import ChargedRun, charged, estimated
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.thresholds import limit
from apps.subscriptions.thresholds import threshold_object
from apps.usage.queries.totals import Asked, totals

PERIODS = 24
DAYS, WEEK = 62, 7
"""Up to so many days a bar is a day, beyond it a week."""


@dataclass(frozen=True, slots=True)
class ChargeSection:
    """What the page shows of one charge."""

    key: str
    about: str
    facts: Sequence[tuple[str, object]]
    thresholds: Sequence[tuple[str, object]]
    chart: BarChart
    gauge: Gauge | None
    figures: Sequence[tuple[str, str]]
    span: str


def usage_page(site: Any, request: HttpRequest, pk: Any) -> HttpResponse:
    """The newest period, or the one that begins on ?period=."""
    if not allowed(request, "usage"):
        raise PermissionDenied
    row = get_object_or_404(Subscription.objects.select_related("account", "plan"), pk=pk)
    periods = usage_queries.periods(row.pk, most=PERIODS)
    asked = request.GET.get("period", "")
    period = next((each for each in periods if each.start.isoformat() == asked), periods[0] if periods else None)
    at = now_for(row.account)
    found = charged(_portion(row, period, at)) if period else []
    context = {
        **site.each_context(request),
        "title": "Usage",
        "subtitle": str(row),
        "row": row,
        "back": page_of(row),
        "period": period,
        "goes_on": period is not None and at < midnight(period.end, row.account.timezone),
        "periods": [(each.start.isoformat(), _span(each.start, each.end), each == period) for each in periods],
        "cards": _cards(row, found),
        "charges": _sections(row, period, found) if period and found else [],
        "events": f"{reverse('admin:usage_usageevent_changelist')}?{urlencode({'q': row.pk})}",
    }
    return TemplateResponse(request, "backoffice/usage.html", context)


def _portion(row: Subscription, period: Period, at: datetime) -> Portion:
    """The period as far as it has come."""
    zone = row.account.timezone
    ends = min(at, midnight(period.end, zone))
    return Portion(row, row.account, min(local_date(at, zone), period.end), ends, only=period)


def _cards(row: Subscription, found: Sequence[ChargedRun]) -> list[Card]:
    if not found:
        return []
    shown, currency = [each.shown for each in found], row.account.currency
    return [
        Card("What it costs by now", [(amount(sum(max(each.amount, each.minimum) for each in shown), currency), "")],
             note="Minimums included, before discounts and tax."),
        Card("Not on an invoice yet", [(amount(estimated(shown), currency), "")]),
        Card("Events", [(f"{sum(each.events for each in shown):,}", "")],
             note="Counted by its charges; one that two charges count is two."),
    ]  # fmt: skip


def _sections(row: Subscription, period: Period, found: Sequence[ChargedRun]) -> list[ChargeSection]:
    step = timedelta(days=1 if period.days <= DAYS else WEEK)
    days = [period.start + step * number for number in range(-(-period.days // step.days))]
    asked = [_asked(row, each, day, min(day + step, period.end)) for each in found for day in days]
    values = iter(totals(asked).totals)
    sections = []
    for each in found:
        counted = [next(values) for _ in days]
        figures = [(_day(day), own[0].quantity if own else Decimal(0)) for day, own in zip(days, counted, strict=True)]
        sections.append(_section(row, each, figures, "week" if step.days == WEEK else "day"))
    return sections


def _asked(row: Subscription, found: ChargedRun, day: date, end: date) -> Asked:
    """Its meter within one bar, all groups together; nothing where it was not counted then."""
    zone, run = row.account.timezone, found.run
    asked = asked_of(Portion(row, row.account, end, run.ends), run)
    since, until = max(midnight(day, zone), run.begins), min(midnight(end, zone), run.ends)
    return replace(asked, meter=replace(asked.meter, group_by=()), since=since, until=max(since, until), values=False)


def _section(row: Subscription, found: ChargedRun, figures: Sequence[tuple[str, Decimal]], bar: str) -> ChargeSection:
    charge, shown, currency = found.run.charge, found.shown, row.account.currency
    whole = limit(charge, currency)
    facts: list[tuple[str, object]] = [
        ("Used", quantity(shown.quantity)), ("Costs by now", amount(shown.amount, currency)),
        ("Billed of it", amount(shown.billed, currency)), ("Events", f"{shown.events:,}"),
    ]  # fmt: skip
    if shown.minimum:
        facts.append(("At least", amount(shown.minimum, currency)))
    limits: list[tuple[str, Decimal]] = []
    if shown.included is not None:
        facts.append(("Free", f"{quantity(shown.included)}{' in each group' if charge.group_by else ''}"))
        limits += [] if charge.group_by else [(f"free {quantity(shown.included)}", shown.included)]
    if shown.cap is not None:
        then = "refused above" if charge.cap_behavior is CapBehavior.REJECT else "billed above"
        facts.append(("Cap", f"{quantity(shown.cap)}, {then}"))
        limits.append((f"cap {quantity(shown.cap)}", shown.cap))
    thresholds: list[tuple[str, object]] = []
    times = {(each.percent, each.quantity, each.amount): each.reached_at for each in shown.thresholds}
    for each in charge.thresholds:
        if each.currency not in (None, currency):
            continue
        said = threshold_object(each)
        reached_at = times[said.percent, said.quantity, said.amount]
        thresholds.append((threshold_words(each), when(reached_at) if reached_at else "not reached"))
        if each.kind is ThresholdKind.QUANTITY:
            limits.append((threshold_words(each), each.value))
        elif each.kind is ThresholdKind.PERCENT and whole is not None and (shown.cap or not charge.group_by):
            part = whole * each.value / 100
            limits.append((f"{threshold_words(each)} ({quantity(part)})", part))
    zone = row.account.timezone
    return ChargeSection(
        key=charge.key,
        about=about(replace(charge, thresholds=(), cap=None)),
        facts=facts,
        thresholds=thresholds,
        chart=bars(figures),
        gauge=gauge(shown.quantity, limits),
        figures=[(name, quantity(value)) for name, value in figures if value],
        span=f"{_span(local_date(shown.since, zone), _end(shown.until, zone))}, a bar a {bar}",
    )


def _end(instant: datetime, zone: str) -> date:
    """The day after the last that lies before it, in part or in whole."""
    return local_date(instant - timedelta(microseconds=1), zone) + timedelta(days=1)


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _span(start: date, end: date) -> str:
    last = max(start, end - timedelta(days=1))
    return f"{_day(start)} to {_day(last)} {last.year}"
