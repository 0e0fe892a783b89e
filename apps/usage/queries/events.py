"""Events one by one: those there are, those that count, and those that a watermark holds."""

from collections.abc import Collection, Sequence
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import TruncDate

from apps.kernel.periods import zone
from apps.usage.models import Correction, UsageEvent
from apps.usage.queries.totals import Asked
from apps.usage.queries.watermarks import held
from apps.usage.rules.meters import listed
from apps.usage.rules.watermark import Watermark

_HAVING_USED = """
SELECT known.id FROM unnest(%s::uuid[]) AS known (id)
CROSS JOIN LATERAL (SELECT FROM usage_event WHERE subscription_id = known.id LIMIT 1) AS used ORDER BY known.id
"""


def events() -> QuerySet[UsageEvent]:
    """All events, those that count no longer too."""
    return UsageEvent.objects.all()


def having_used(subscription_ids: Collection[UUID]) -> list[UUID]:
    """Those of these subscriptions that have events, in order: a look into the index for each."""
    with connection.cursor() as cursor:
        cursor.execute(_HAVING_USED, [list(subscription_ids)])
        return [id for (id,) in cursor.fetchall()]


def counting(rows: QuerySet[UsageEvent]) -> QuerySet[UsageEvent]:
    """Those of `rows` that nothing has corrected."""
    return rows.filter(~Exists(Correction.objects.filter(event_id=OuterRef("pk"))))


def held_by(watermark: Watermark, asked: Asked) -> QuerySet[UsageEvent]:
    """The events that made the total of `asked` when the watermark was taken: what an invoice holds, and no other."""
    meter = asked.meter
    corrected = Correction.objects.filter(held(watermark), event_id=OuterRef("pk"))
    rows = UsageEvent.objects.filter(
        held(watermark),
        subscription_id=asked.subscription_id,
        metric=meter.metric,
        timestamp__gte=asked.since,
        timestamp__lt=asked.until,
    )
    for name, values in listed(meter.filter).items():
        rows = rows.filter(reduce(or_, [Q(properties__contains={name: value}) for value in values]))
    return rows.filter(~Exists(corrected)).order_by("timestamp", "pk")


def corrections(event_ids: Collection[UUID]) -> dict[UUID, Correction]:
    """The correction of each of these events that has one."""
    return {row.event_id: row for row in Correction.objects.filter(event_id__in=event_ids)}


def by_day(rows: QuerySet[UsageEvent], timezone: str, group_by: Sequence[str]) -> list[dict[str, Any]]:
    """Sums of what counts in `rows`, by local day, metric and the properties `group_by` (as group0, group1, ...)."""
    groups = {f"group{index}": KeyTextTransform(name, "properties") for index, name in enumerate(group_by)}
    keys = ("day", "metric", *groups)
    return list(
        counting(rows)
        .order_by()
        .annotate(day=TruncDate("timestamp", tzinfo=zone(timezone)), **groups)
        .values(*keys)
        .annotate(events=Count("pk"), sum=Sum("quantity"), max=Max("quantity"))
        .order_by(*(F(key).asc(nulls_first=True) for key in keys))
    )
