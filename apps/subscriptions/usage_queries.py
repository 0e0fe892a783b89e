"""Reads of metered usage: since when it is counted how, and what was billed of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from apps.invoices.models import Line, PendingItem
from apps.invoices.rules import LineKind, Status
from apps.kernel.membership import among, array
from apps.kernel.periods import Period
from apps.kernel.prepared import named, rows_of
from apps.subscriptions.models import ThresholdReached, UsageBill, UsageRecount, UsageSweep, UsageTerms
from apps.usage.queries.arrivals import waiting
from apps.usage.rules.watermark import Watermark

MOST_COUNTED = 100_000

RunKey: TypeAlias = tuple[UUID, str, datetime]
"""Subscription, charge, and the instant since which it is counted."""

# Asked of whatever is billed, and most is not metered: what is written out need not be put together.
_TERMS = named(
    UsageTerms,
    """
SELECT * FROM subscriptions_usageterms
WHERE subscription_id = ANY(%s::uuid[]) AND period_end >= %s
ORDER BY subscription_id, since_at, stops
""",
)
_LAST_TERMS = named(
    UsageTerms,
    """
SELECT DISTINCT ON (subscription_id) * FROM subscriptions_usageterms
WHERE subscription_id = ANY(%s::uuid[])
ORDER BY subscription_id, since_at DESC, stops DESC
""",
)
_BEFORE = """
SELECT bill.subscription_id, bill.charge, bill.since, max(bill.revision),
       coalesce(sum(bill.usage) FILTER (WHERE bill.released_by IS NULL), 0)::bigint,
       coalesce(sum(bill.missing) FILTER (WHERE bill.released_by IS NULL), 0)::bigint,
       array_agg(DISTINCT bill.usage_line_id) FILTER (WHERE bill.released_by IS NULL AND bill.usage > 0)
FROM subscriptions_usagebill AS bill
WHERE bill.subscription_id = ANY(%s::uuid[]) AND bill.since >= %s
GROUP BY bill.subscription_id, bill.charge, bill.since
"""


@dataclass(frozen=True)
class Before:
    """What was billed of a run: minor units that stand, the last revision, and the lines that charged usage."""

    revision: int = 0
    usage: int = 0
    missing: int = 0
    line_ids: tuple[UUID, ...] = ()


NOTHING = Before()


def last_sweep() -> UsageSweep | None:
    """Up to where usage was looked at, and when; None before the first time."""
    return UsageSweep.objects.first()


def not_looked_at() -> int:
    """Events that came since the last look, counted up to a limit."""
    swept = last_sweep()
    return waiting(Watermark.read(swept.watermark), MOST_COUNTED) if swept else 0


def terms_of(subscription_ids: Collection[UUID], *, until: date) -> dict[UUID, list[UsageTerms]]:
    """What usage of each subscription was counted by in the periods that reach to local day `until`; one query."""
    found: dict[UUID, list[UsageTerms]] = {}
    for row in rows_of(UsageTerms, _TERMS, [array(subscription_ids), until]):
        found.setdefault(row.subscription_id, []).append(row)
    return found


def periods(subscription_id: UUID, *, most: int) -> list[Period]:
    """The newest periods in which its usage was counted, trials among them; one query."""
    rows = UsageTerms.objects.filter(subscription_id=subscription_id, stops=False).order_by("-period_start")
    found = rows.values_list("period_start", "period_end").distinct()
    return [Period(start, end) for start, end in found[:most]]


def last_terms(subscription_ids: Collection[UUID]) -> dict[UUID, UsageTerms]:
    """By what the usage of each of these is counted now, if it ever was; one query."""
    return {row.subscription_id: row for row in rows_of(UsageTerms, _LAST_TERMS, [array(subscription_ids)])}


def closed_at(subscription_id: UUID, period: Period) -> tuple[date, datetime] | None:
    """Up to when a period has been counted to its end, or to the last pause in it; None while neither is there."""
    rows = list(UsageTerms.objects.filter(subscription_id=subscription_id).order_by("since_at", "stops"))
    wanted = (period.start, period.end)
    within = [index for index, row in enumerate(rows) if (row.period_start, row.period_end) == wanted]
    if not within:
        return None
    later = rows[within[-1] + 1 :][:1]
    ends = later or [rows[index] for index in within if rows[index].stops][-1:]
    return (ends[0].since_on, ends[0].since_at) if ends else None


def billed_before(subscription_ids: Collection[UUID], since: datetime) -> dict[RunKey, Before]:
    """What stands billed of each run that began at `since` or later; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, [array(subscription_ids), since])
        return {
            (subscription_id, charge, began): Before(revision, usage, missing, tuple(lines or ()))
            for subscription_id, charge, began, revision, usage, missing, lines in cursor.fetchall()
        }


def reached(subscription_ids: Collection[UUID], since: datetime) -> dict[RunKey, dict[tuple[str, Decimal], datetime]]:
    """Which thresholds (kind, value) each run that began at `since` or later has reached, and when; one query."""
    found: dict[RunKey, dict[tuple[str, Decimal], datetime]] = {}
    rows = ThresholdReached.objects.filter(among("subscription_id", subscription_ids), since__gte=since)
    for subscription_id, charge, began, kind, value, at in rows.values_list(
        "subscription_id", "charge", "since", "kind", "value", "at"
    ):
        found.setdefault((subscription_id, charge, began), {})[kind, value] = at
    return found


def recurring_billed(periods: Mapping[tuple[UUID, Period], int]) -> dict[tuple[UUID, Period], int]:
    """What the price of each full period has come to, gross, before discounts; lines that wait too."""
    found = dict(periods)
    ids = {subscription_id for subscription_id, _ in periods}
    kinds = (LineKind.RECURRING, LineKind.PRORATION_CHARGE, LineKind.PRORATION_CREDIT)
    rows = Line.objects.filter(among("subscription_id", ids), kind__in=kinds).exclude(invoice__status=Status.VOID)
    waiting = PendingItem.objects.filter(among("subscription_id", ids), invoice_id=None, removed_at=None)
    sources = [
        *rows.values_list("subscription_id", "source"),
        *((item.subscription_id, item.draft_line().source) for item in waiting),
    ]
    for subscription_id, source in sources:
        if subscription_id and "full_period" in source:
            start, end = (date.fromisoformat(day) for day in source["full_period"])
            if (key := (subscription_id, Period(start, end))) in found:
                found[key] += int(source["gross"])
    return found


def old_recounts(at: datetime) -> QuerySet[UsageRecount, UUID]:
    """Notes that were made and done two years before `at`, by the wall: the oldest rows, so few are looked at."""
    return (
        UsageRecount.objects.filter(pk__lt=RawSQL("usage_floor(%s - interval '2 years')", [at]), done_at__isnull=False)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def lines_of(subscription_id: UUID, runs: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What billed these runs (charge, instant since which it is counted) until now; two queries."""
    rows = UsageBill.objects.filter(subscription_id=subscription_id, released_by=None)
    rows = rows.filter(charge__in={charge for charge, _ in runs}).order_by("pk") if runs else rows.none()
    bills = {
        line_id: (row.charge, row.since.isoformat())
        for row in rows
        for line_id in (row.usage_line_id, row.missing_line_id)
        if line_id and (row.charge, row.since.isoformat()) in runs
    }
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in Line.objects.filter(pk__in=bills).select_related("invoice").order_by("pk") if bills else ():
        old = {"line_id": str(line.pk), "invoice_id": str(line.invoice_id), "invoice_number": line.invoice.number,
               "kind": line.kind, "description": line.description, "amount": int(line.source["gross"])}  # fmt: skip
        found.setdefault(bills[line.pk], []).append(old)
    return found
