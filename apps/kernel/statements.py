"""Statements written out, by as little as can be: those that a connection keeps by libpq, others by a kept cursor.

To make a cursor and to close it costs half of what it executes; without one, a statement that PostgreSQL knows by name
takes a third less of the processor.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus

_KEPT, _VALUES = "kept_cursors", "kept_transformer"


def fetch(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows that a statement selects, or returns of those that it changes."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    found: list[tuple[Any, ...]]
    if (values := _values(database)) and (result := _by_name(database, values, sql, params)):
        values.set_pgresult(result)
        found = values.load_rows(0, result.ntuples, tuple)
    else:
        cursor = _cursor(database)
        cursor.execute(sql, params)
        found = cursor.fetchall()
    return found


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    """Change rows; how many."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    if (values := _values(database)) and (result := _by_name(database, values, sql, params)):
        return result.command_tuples or 0
    cursor = _cursor(database)
    cursor.execute(sql, params)
    return int(cursor.rowcount)


def _values(database: Any) -> Any:
    """What turns values into PostgreSQL's and back, within `prepared`; None elsewhere, and while queries are logged."""
    held = database.connection
    if held is None or held.prepare_threshold is None or database.queries_logged:
        return None
    found = vars(held).get(_VALUES)
    if found is None:
        found = vars(held)[_VALUES] = Transformer(held)
    return found


def _by_name(database: Any, values: Any, sql: str, params: Sequence[Any]) -> Any:
    """The result of a statement that psycopg has prepared; None where a cursor is to execute it.

    Names are psycopg's: it gives them, and forgets them, with the statements, after a rollback or for want of room.
    The thread waits in libpq, for locks too, where no signal interrupts it; Python's reach the main thread alone, in
    which our web processes ask nothing.
    """
    held = database.connection
    server, names = held.pgconn, held._prepared._names
    if not held.autocommit and server.transaction_status == TransactionStatus.IDLE:
        return None  # a cursor begins the transaction
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        sent = values.dump_sequence(params, [PyFormat.AUTO] * len(params))
        name = names.get(key := (_numbered(sql), values.types or ()))
        if name is None:
            return None
        names.move_to_end(key)
        result = server.exec_prepared(name, sent, values.formats)
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return result
        if held.closed:
            raise psycopg.OperationalError(result.get_error_message())
        raise error_from_result(result)


@cache
def _numbered(sql: str) -> bytes:
    """The statement as psycopg sends it, $1 for the first value."""
    numbers = count(1)
    return re.sub("%[s%]", lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql).encode()


def _cursor(database: Any) -> Any:
    """This thread's, of the connection and of the kind of cursor that it has now (`prepared` takes another one).

    While queries are logged, each has a new one that writes them down.
    """
    held = database.connection
    if held is None or database.queries_logged:
        return database.cursor()
    kept = database.__dict__.setdefault(_KEPT, {})
    cursor = kept.get(held.cursor_factory)
    if cursor is None or cursor.cursor.connection is not held:
        cursor = kept[held.cursor_factory] = database.cursor()
    return cursor
