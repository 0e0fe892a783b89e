"""Which windows may hold the events of a batch."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from apps.kernel.membership import among
from apps.usage.models import MeterWindow
from apps.usage.rules.meters import Meters, meters

_SELECT = """
SELECT subscription_id::text, external_key, clock_id, starts_at, ends_at, accept_until, metrics::text
FROM usage_meterwindow WHERE """
_BY_ID, _BY_KEY = _SELECT + "subscription_id = ANY(%s::uuid[])", _SELECT + "external_key = ANY(%s::text[])"
_WHEN = " AND starts_at <= %s AND (ends_at IS NULL OR ends_at > %s)"


@dataclass(frozen=True, slots=True)
class Open:
    """A window as ingest needs it."""

    subscription_id: str
    external_key: str | None
    clock_id: UUID | None
    starts_at: datetime
    ends_at: datetime | None
    accept_until: datetime | None
    metrics: Meters

    def spans(self, instant: datetime) -> bool:
        """Whether it holds this instant."""
        return self.starts_at <= instant and (self.ends_at is None or instant < self.ends_at)


def holding(
    subscriptions: Collection[str], external_keys: Collection[str], earliest: datetime, latest: datetime
) -> list[Open]:
    """The windows of these subscriptions (ids as text, or external keys) that hold any instant in between."""
    return [
        Open(subscription, key, clock, starts, ends, until, meters(text))
        for subscription, key, clock, starts, ends, until, text in _rows(
            subscriptions, external_keys, _WHEN, [latest, earliest]
        )
    ]


def known(subscriptions: Collection[str], external_keys: Collection[str]) -> set[tuple[str, str | None]]:
    """Which subscriptions of these ids or external keys were ever metered: id and external key of each."""
    return {row[:2] for row in _rows(subscriptions, external_keys, "", [])}


def timezone_of(subscription_id: UUID) -> str | None:
    """The time zone that the days of its latest window are counted in; None: it was never metered."""
    rows = MeterWindow.objects.filter(subscription_id=subscription_id).order_by("-starts_at")
    return rows.values_list("timezone", flat=True).first()


def clocks_of(subscription_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """The test clock, if any, of each of these subscriptions that was ever metered."""
    rows = MeterWindow.objects.filter(among("subscription_id", subscription_ids)).order_by("starts_at")
    return dict(rows.values_list("subscription_id", "clock_id"))


def needed_since(at: datetime) -> datetime | None:
    """Since when events may still be billed: the start of the first window that is open or takes late ones at `at`.

    Windows on test clocks are not looked at: their events have those clocks' times.
    """
    unfinished = Q(ends_at__isnull=True) | Q(accept_until__gt=at)
    rows = MeterWindow.objects.filter(unfinished, clock_id__isnull=True).order_by("starts_at")
    return rows.values_list("starts_at", flat=True).first()


def _rows(
    subscriptions: Collection[str], external_keys: Collection[str], condition: str, bounds: list[datetime]
) -> list[tuple[str, str | None, UUID | None, datetime, datetime | None, datetime | None, str]]:
    asked = [(select, list(names)) for select, names in ((_BY_ID, subscriptions), (_BY_KEY, external_keys)) if names]
    if not asked:
        return []
    parameters: list[Any] = [each for _, names in asked for each in (names, *bounds)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(select + condition for select, _ in asked), parameters)
        return cursor.fetchall()
