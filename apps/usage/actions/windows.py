"""Windows opened, closed and replaced, many at once, inside the transaction of whoever bills them.

Subscriptions alone calls this. The rows follow from its own, which are logged, so these are not.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.kernel.transactions import copy_rows
from apps.usage.rules.meters import WindowMeter

COLUMNS = (
    "id", "created_at", "subscription_id", "account_id", "external_key", "timezone", "clock_id", "starts_at", "ends_at",
    "accept_until", "metrics",
)  # fmt: skip

_CLOSE = """
WITH closing AS (
    SELECT * FROM jsonb_to_recordset(%s::jsonb)
        AS closing(subscription_id uuid, ends_at timestamptz, accept_until timestamptz)
), empty AS (
    DELETE FROM usage_meterwindow AS held USING closing
    WHERE held.subscription_id = closing.subscription_id AND held.ends_at IS NULL
      AND held.starts_at >= closing.ends_at
)
UPDATE usage_meterwindow AS held SET ends_at = closing.ends_at, accept_until = closing.accept_until
FROM closing
WHERE held.subscription_id = closing.subscription_id AND held.ends_at IS NULL AND held.starts_at < closing.ends_at
"""

_REMOVE = """
DELETE FROM usage_meterwindow AS held
USING jsonb_to_recordset(%s::jsonb) AS cut(subscription_id uuid, since timestamptz)
WHERE held.subscription_id = cut.subscription_id AND held.starts_at >= cut.since
"""

_encoder = msgspec.json.Encoder(decimal_format="string")


@dataclass(frozen=True)
class Window:
    """A time in which a subscription takes events. `ends_at` and `accept_until`: both, or neither while it is open.

    Events are received before `accept_until`. `metrics`: metric -> its meters. `clock_id`: the account's test clock.
    """

    subscription_id: UUID
    account_id: UUID
    external_key: str | None
    timezone: str
    clock_id: UUID | None
    starts_at: datetime
    metrics: Mapping[str, Sequence[WindowMeter]]
    ends_at: datetime | None = None
    accept_until: datetime | None = None


@dataclass(frozen=True)
class Closing:
    """The open window of a subscription ends: events stamped from `ends_at` on are not its own."""

    subscription_id: UUID
    ends_at: datetime
    accept_until: datetime


@transaction.atomic
def open_windows(windows: Collection[Window]) -> None:
    """Write windows. PostgreSQL refuses one that overlaps another of its subscription."""
    now = clock.wall()
    rows = [
        (
            uuid7(), now, each.subscription_id, each.account_id, each.external_key, each.timezone, each.clock_id,
            each.starts_at, each.ends_at, each.accept_until, _encoder.encode(each.metrics).decode(),
        )
        for each in windows
    ]  # fmt: skip
    copy_rows("usage_meterwindow", COLUMNS, rows)


@transaction.atomic
def close_windows(closings: Collection[Closing]) -> None:
    """End the open windows of these subscriptions; one that would be empty is as if it had never been."""
    if closings:
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE, [_document(closings)])


@transaction.atomic
def turn_windows(closings: Collection[Closing], windows: Collection[Window]) -> None:
    """Close and open, as a renewal and a change of plan do: the new windows begin where the old ones end."""
    close_windows(closings)
    open_windows(windows)


@transaction.atomic
def replace_windows(since: Mapping[UUID, datetime], windows: Collection[Window]) -> None:
    """From an instant of each subscription on, these windows are all there are: for what is taken back.

    One that began before the instant is given anew too, with its start: pass that start as the instant.
    """
    cuts = [{"subscription_id": subscription, "since": instant} for subscription, instant in since.items()]
    if cuts:
        with connection.cursor() as cursor:
            cursor.execute(_REMOVE, [_document(cuts)])
    open_windows(windows)


def _document(rows: Any) -> str:
    return _encoder.encode(list(rows)).decode()
