"""Statements that PostgreSQL parses and plans once a connection instead of each time, for paths where that counts.

Only for reads and writes of few rows by key, whose plan is the same whatever the values: a statement repeated on one
connection may be planned without looking at them. Its columns are named: a kept `SELECT *` fails once its table has got
another column.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState

from apps.kernel.statements import fetch

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


def named(model: type[Model], sql: str, *, only: Sequence[str] = ()) -> str:
    """SQL with the columns of a model, or of these fields of it by their attributes, where it has `*`.

    There is no string to put together in it but their names.
    """
    columns = ", ".join(f'"{field.column}"' for field in _fields(model, tuple(only)))
    return sql.replace(" * FROM ", f" {columns} FROM ", 1)


def by_key(rows: QuerySet[Any], key: Any) -> Any:
    """The row of that key, or None; where `rows` are just those of a table, by SQL written out."""
    model = rows.model
    if rows.query.where or not _whole(rows):
        return rows.filter(pk=key).first()
    sql = f'SELECT * FROM {model._meta.db_table} WHERE "{model._meta.pk.column}" = %s'  # noqa: S608 - names alone
    return next(iter(rows_of(model, named(model, sql), [key])), None)


def listed(rows: QuerySet[Any]) -> list[Any]:
    """All of these rows; where they are whole ones of a table and no more, without the ORM's way to make them."""
    if not _whole(rows):
        return list(rows)
    model: Any = rows.model
    query = rows.query.clone()
    # The list of columns is always the same, and half of what there is to put together.
    query.clear_select_clause()
    query.add_fields([model._meta.pk.name])
    try:
        sql, params = query.sql_with_params()
    except EmptyResultSet:
        return []
    of_key, of_all = _selections(model)
    return rows_of(model, of_all + sql.removeprefix(of_key), params) if sql.startswith(of_key) else list(rows)


def _whole(rows: QuerySet[Any]) -> bool:
    """Whether each is what its table has, with nothing beside it."""
    query = rows.query
    narrowed = query.annotations or query.deferred_loading != (frozenset(), True) or rows._fields is not None  # type: ignore[attr-defined]
    return not (narrowed or query.select_related or rows._prefetch_related_lookups)  # type: ignore[attr-defined]


Row = TypeVar("Row", bound=Model)


def rows_of(
    model: type[Row], sql: str, params: Sequence[Any], *, before: Sequence[str] = (), only: Sequence[str] = ()
) -> list[Row]:
    """The rows that a statement selects: first what `before` names, set as attributes, then the columns by `named`.

    What `Model.objects.raw` does, without asking for each statement what its columns are.
    """
    found = fetch(sql, params)
    if not found:
        return []
    names, converters = _shape(model, tuple(only))
    first, alias, rows = len(before), connection.alias, []
    for values in found:
        own = list(values[first:])
        for index, convert, column in converters:
            own[index] = convert(own[index], column, connection)
        # As Model.from_db makes it, whose __init__ is for callers who may say anything.
        row = model.__new__(model)
        row._state = state = ModelState()
        state.adding, state.db = False, alias
        row.__dict__.update(zip(names, own, strict=True), **dict(zip(before, values, strict=False)))
        rows.append(row)
    return rows


@cache
def _selections(model: Any) -> tuple[str, str]:
    """How statements begin that select the key, and all columns."""
    table, pk = model._meta.db_table, model._meta.pk
    columns = ", ".join(f'"{table}"."{field.column}"' for field in _fields(model, ()))
    return f'SELECT "{table}"."{pk.column}" FROM ', f"SELECT {columns} FROM "  # noqa: S608 - names


@cache
def _fields(model: type[Model], only: tuple[str, ...]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not only or field.attname in only]


@cache
def _shape(model: type[Model], only: tuple[str, ...]) -> tuple[list[str], list[tuple[int, Any, Any]]]:
    """The names of the columns as attributes, and what is to be made of the values of some."""
    fields = _fields(model, only)
    columns = [field.get_col(model._meta.db_table) for field in fields]
    converters = [
        (index, convert, column)
        for index, column in enumerate(columns)
        for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
    ]
    return [field.attname for field in fields], converters
