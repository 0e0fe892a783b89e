"""What an account may hold: states and choices, no database."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class OverdueStatus(StrEnum):
    """How far an account is behind with paying."""

    CURRENT = "CURRENT"
    WARNING = "WARNING"
    BLOCKED = "BLOCKED"


class InvoiceGrouping(StrEnum):
    """One invoice a subscription, or one for all that falls due on a local date."""

    SUBSCRIPTION = "subscription"
    ACCOUNT = "account"


def changed(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `wanted` that differ from `now`, as JSON sees it: to Python 1 and true are equal."""
    return {name: value for name, value in wanted.items() if _json(now[name]) != _json(value)}


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
