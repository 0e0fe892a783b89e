"""Patterns over dotted names: `invoice.paid`, `invoice.*`, `*.created`, `*`."""

import re
from collections.abc import Iterable

MOST = 50
_SHAPE = re.compile(r"[a-z_*]{1,60}(\.[a-z_*]{1,60})?", re.ASCII)


def well_formed(pattern: str) -> bool:
    """Whether it could be a type, with `*` for any letters of it."""
    return _SHAPE.fullmatch(pattern) is not None


def like(pattern: str) -> str:
    """The same for SQL's LIKE."""
    return pattern.replace("\\", "").replace("_", r"\_").replace("%", "").replace("*", "%")


def matches(patterns: Iterable[str], event_type: str) -> bool:
    """Whether one of them takes a type."""
    return any(
        re.fullmatch(".*".join(re.escape(part) for part in each.split("*")), event_type) is not None
        for each in patterns
    )
