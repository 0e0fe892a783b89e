"""What a change really changes."""

import json
from collections.abc import Mapping
from typing import Any


def changed(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `wanted` that differ from `now`, as JSON sees it: to Python 1 and true are equal."""
    return {name: value for name, value in wanted.items() if _json(now[name]) != _json(value)}


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
