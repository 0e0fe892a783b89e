"""One unit of work: a transaction that knows who is acting, and what to ring once it is committed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from django.db import connection, transaction

from apps.kernel.actors import Actor

correlation: ContextVar[str] = ContextVar("correlation", default="")
"""The request id that web, workers, webhooks and gateway calls share; set by the doors."""

_previewing: ContextVar[bool] = ContextVar("previewing", default=False)


@contextmanager
def unit_of_work(actor: Actor) -> Iterator[None]:
    """An atomic block whose changes the audit triggers ascribe to `actor` (SET LOCAL, this transaction only)."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('billing.actor', %s, true), set_config('billing.correlation', %s, true)",
                [str(actor), correlation.get()],
            )
        yield


@contextmanager
def preview_of_work(actor: Actor) -> Iterator[None]:
    """A unit of work of which nothing stays: it is done by the same code as in earnest, and rolled back at its end."""
    token = _previewing.set(True)
    try:
        with unit_of_work(actor):
            yield
            transaction.set_rollback(True)
    finally:
        _previewing.reset(token)


def previewing() -> bool:
    """Whether what is done now is rolled back: then whatever others would have to wait for is left alone."""
    return _previewing.get()


def after_commit(ring: Callable[[], object], *, name: str) -> None:
    """Call `ring` once this transaction is committed. A failure is logged and swallowed: a sweep does the work."""

    def guarded() -> None:
        try:
            ring()
        except Exception:  # noqa: BLE001 - what is committed stays committed, whatever the doorbell says
            structlog.get_logger(__name__).warning("doorbell_failed", doorbell=name, exc_info=True)

    transaction.on_commit(guarded, robust=True)


def copy_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write `rows` by COPY, one statement, inside the open transaction. Names come from code, never from input."""
    if not rows:
        return
    quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {connection.ops.quote_name(table)} ({quoted}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
