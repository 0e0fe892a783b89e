"""Statements that PostgreSQL parses and plans once a connection instead of each time, for paths where that counts.

Only for reads and writes of few rows by key, whose plan is the same whatever the values: a statement repeated on one
connection may be planned without looking at them. Its columns are named: a kept `SELECT *` fails once its table has got
another column.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import Model, QuerySet

AFTER = 2
"""How often a connection has to meet a statement before it keeps it."""


@contextmanager
def prepared() -> Iterator[None]:
    """Within the block, statements are sent with their values apart, and those that come again are kept."""
    connection.ensure_connection()
    held = connection.connection
    before = held.cursor_factory, held.prepare_threshold
    held.cursor_factory, held.prepare_threshold = ServerBindingCursor, AFTER
    try:
        yield
    finally:
        held.cursor_factory, held.prepare_threshold = before


def named(model: type[Model], sql: str) -> str:
    """SQL with the columns of a model where it has `*`; there is no string to put together in it but their names."""
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    return sql.replace(" * FROM ", f" {columns} FROM ", 1)


def by_key(rows: QuerySet[Any], key: Any) -> Any:
    """The row of that key, or None; where `rows` are just those of a table, by SQL written out."""
    query, model = rows.query, rows.model
    narrowed = query.where or query.annotations or query.deferred_loading != (frozenset(), True)
    joined = query.select_related or rows._prefetch_related_lookups  # type: ignore[attr-defined]
    if narrowed or joined:
        return rows.filter(pk=key).first()
    sql = f'SELECT * FROM {model._meta.db_table} WHERE "{model._meta.pk.column}" = %s'  # noqa: S608 - names alone
    return next(iter(model._default_manager.raw(named(model, sql), [key])), None)
