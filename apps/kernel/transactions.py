"""One unit of work: a transaction that knows who is acting, and what to ring once it is committed."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import cache
from itertools import chain
from typing import Any, TypeVar

import structlog
from django.db import connection, transaction

from apps.kernel.actors import Actor
from apps.kernel.statements import execute

correlation: ContextVar[str] = ContextVar("correlation", default="")
"""The request id that web, workers, webhooks and gateway calls share; set by the doors."""

Key = TypeVar("Key")
Value = TypeVar("Value")

_acting: ContextVar[tuple[str, str] | None] = ContextVar("acting", default=None)
"""Who the open unit of work is ascribed to, and its correlation."""

_read: ContextVar[dict[str, dict[Any, Any]] | None] = ContextVar("read", default=None)
"""What a preview has read of what it does not change itself, by reader and key; None outside of previews."""


@contextmanager
def unit_of_work(actor: Actor, *, savepoint: bool | None = None) -> Iterator[None]:
    """An atomic block whose changes the audit triggers ascribe to `actor` (SET LOCAL, this transaction only).

    Within another the changes until its end are this actor's, those after it the other's again. `savepoint`: whether it
    is undone alone if it fails, so that the other may go on; in a preview only where that is asked for.
    """
    mine, outer = (str(actor), correlation.get()), _acting.get()
    with transaction.atomic(savepoint=not previewing() if savepoint is None else savepoint):
        if mine != outer:
            _ascribe(mine)
        token = _acting.set(mine)
        try:
            yield
        finally:
            _acting.reset(token)
    if outer is not None and mine != outer:
        _ascribe(outer)


def _ascribe(whom: tuple[str, str]) -> None:
    execute("SELECT set_config('billing.actor', %s, true), set_config('billing.correlation', %s, true)", whom)


@contextmanager
def preview_of_work(actor: Actor) -> Iterator[None]:
    """A unit of work of which nothing stays: it is done by the same code as in earnest, and rolled back at its end."""
    token = _read.set({})
    try:
        with unit_of_work(actor, savepoint=True):
            yield
            transaction.set_rollback(True)
    finally:
        _read.reset(token)


def previewing() -> bool:
    """Whether what is done now is rolled back: then whatever others would have to wait for is left alone."""
    return _read.get() is not None


def read_once(
    what: str, keys: Collection[Key], load: Callable[[Collection[Key]], Mapping[Key, Value]]
) -> dict[Key, Value]:
    """What `load` finds for `keys`; within a preview each is asked for once. For what no verb changes: terms, rates."""
    memory = _read.get()
    if memory is None:
        return dict(load(keys))
    known = memory.setdefault(what, {})
    if missing := [key for key in dict.fromkeys(keys) if key not in known]:
        known |= dict.fromkeys(missing) | dict(load(missing))
    return {key: known[key] for key in keys if known[key] is not None}


def forget(what: str) -> None:
    """A verb has changed it after all: what was read of it is asked for again."""
    if memory := _read.get():
        memory.pop(what, None)


def after_commit(ring: Callable[[], object], *, name: str) -> None:
    """Call `ring` once this transaction is committed. A failure is logged and swallowed: a sweep does the work."""

    def guarded() -> None:
        try:
            ring()
        except Exception:  # noqa: BLE001 - what is committed stays committed, whatever the doorbell says
            structlog.get_logger(__name__).warning("doorbell_failed", doorbell=name, exc_info=True)

    transaction.on_commit(guarded, robust=True)


@contextmanager
def meanwhile(sql: str, params: list[Any]) -> Iterator[None]:
    """The database executes a statement while the block computes. The block asks the database nothing."""
    with connection.cursor() as cursor, ThreadPoolExecutor(1) as other:
        context = copy_context()
        executed = other.submit(lambda: context.run(cursor.execute, sql, params))
        yield
        executed.result()


FEW = 4
"""Rows up to which values in a statement are written faster than copied ones."""


def copy_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write `rows` in one statement, inside the open transaction. Names come from code, never from input.

    By COPY, but for a few, for which it would ask the database twice and be planned each time.
    """
    if not rows:
        return
    if len(rows) <= FEW:
        execute(insertion(table, tuple(columns), len(rows)), list[Any](chain.from_iterable(rows)))
        return
    quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {connection.ops.quote_name(table)} ({quoted}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def copy_tables(*tables: tuple[str, Sequence[str], Sequence[Sequence[object]]]) -> None:
    """The same for several tables, each with its columns and rows: a few of all in one statement."""
    given = [(table, tuple(columns), rows) for table, columns, rows in tables if rows]
    if len(given) < 2 or any(len(rows) > FEW for _, _, rows in given):
        for table, columns, rows in given:
            copy_rows(table, columns, rows)
        return
    *others, last = [insertion(table, columns, len(rows)) for table, columns, rows in given]
    before = ", ".join(f"new_{index} AS ({statement})" for index, statement in enumerate(others))
    values = list[Any](chain.from_iterable(row for *_, rows in given for row in rows))
    execute(f"WITH {before} {last}", values)


@cache
def insertion(table: str, columns: tuple[str, ...], rows: int) -> str:
    """The statement that writes so many rows, with a parameter for each of their values."""
    quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
    places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * rows)
    return f"INSERT INTO {connection.ops.quote_name(table)} ({quoted}) VALUES {places}"  # noqa: S608 - names of code
