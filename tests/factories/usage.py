"""Windows and events, through their actions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.kernel.ids import uuid7
from apps.usage.actions.record import Receipt, record
from apps.usage.actions.windows import Window, open_windows
from apps.usage.rules.event import EventInput
from apps.usage.rules.meters import Aggregation, WindowMeter

AT = datetime(2026, 4, 15, 12, tzinfo=UTC)
START = datetime(2026, 4, 1, tzinfo=UTC)
CALLS: Mapping[str, Sequence[WindowMeter]] = {"api_calls": (WindowMeter(key="calls", aggregation=Aggregation.SUM),)}


def meter(aggregation: str = "sum", *, key: str = "calls", **fields: Any) -> WindowMeter:
    """A meter of a window."""
    return WindowMeter(key=key, aggregation=Aggregation(aggregation), **fields)


def window(**fields: Any) -> Window:
    """A window that is open since START and meters api_calls, not yet written."""
    given: dict[str, Any] = {
        "subscription_id": uuid7(), "account_id": uuid7(), "external_key": None, "timezone": "UTC", "clock_id": None,
        "starts_at": START, "metrics": CALLS,
    }  # fmt: skip
    return Window(**{**given, **fields})


def opened(**fields: Any) -> Window:
    """The same, written."""
    made = window(**fields)
    open_windows([made])
    return made


def event(subscription_id: UUID | None = None, **fields: Any) -> EventInput:
    """An event of one call, at AT, under a key of its own."""
    given: dict[str, Any] = {
        "idempotency_key": str(uuid7()), "subscription_id": str(subscription_id) if subscription_id else None,
        "metric": "api_calls", "quantity": 1, "timestamp": AT,
    }  # fmt: skip
    return EventInput(**{**given, **fields})


def used(subscription_id: UUID, *quantities: int | str | Decimal, **fields: Any) -> Receipt:
    """Events of these quantities, recorded."""
    events = [event(subscription_id, quantity=str(quantity), **fields) for quantity in quantities]
    receipt = record(events, at=AT)
    assert not receipt.refused, receipt.refused
    return receipt
