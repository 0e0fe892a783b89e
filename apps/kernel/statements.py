"""Statements written out, by a cursor that is kept: to make one and to close it costs half of what it executes."""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

_KEPT = "kept_cursors"


def fetch(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows that a statement selects, or returns of those that it changes."""
    cursor = _cursor()
    cursor.execute(sql, params)
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    """Change rows; how many."""
    cursor = _cursor()
    cursor.execute(sql, params)
    return int(cursor.rowcount)


def _cursor() -> Any:
    """This thread's, of the connection and of the kind of cursor that it has now (`prepared` takes another one).

    While queries are logged, each has a new one that writes them down.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    held = database.connection
    if held is None or database.queries_logged:
        return database.cursor()
    kept = database.__dict__.setdefault(_KEPT, {})
    cursor = kept.get(held.cursor_factory)
    if cursor is None or cursor.cursor.connection is not held:
        cursor = kept[held.cursor_factory] = database.cursor()
    return cursor
