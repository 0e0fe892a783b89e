"""The checked lines in a temporary table of this session: what PostgreSQL is asked about all of them at once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from uuid import UUID

import msgspec
from django.db import connection

from apps.backoffice.importing.checking import Customer
from apps.backoffice.importing.reading import Fault
from apps.kernel.transactions import copy_rows

TABLE = "importing_row"
_COLUMNS = ("line", "external_key", "subscription_key", "customer")
_DOUBLES = """
SELECT line, first FROM (
    SELECT line, min(line) OVER (PARTITION BY {0}) AS first FROM importing_row WHERE {0} <> ''
) AS numbered WHERE line > first ORDER BY line
"""
_DATES = ("start_date", "bill_from", "billing_anchor_date")


@contextmanager
def table() -> Iterator[None]:
    """There is an empty table, as long as this lasts."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {TABLE}"
            " (line bigint PRIMARY KEY, external_key text, subscription_key text, customer text)"
        )
    try:
        yield
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")


def add(customers: Sequence[Customer]) -> None:
    """Write these lines by COPY."""
    copy_rows(
        TABLE,
        _COLUMNS,
        [
            (
                each.line,
                each.account["external_key"],
                each.subscription.get("external_key") or "",
                msgspec.json.encode(each).decode(),
            )
            for each in customers
        ],
    )


def doubles() -> Iterator[Fault]:
    """Lines whose keys an earlier line has."""
    for column, name in (("external_key", "external_key"), ("subscription_key", "subscription_external_key")):
        with connection.cursor() as cursor:
            cursor.execute(_DOUBLES.format(column))
            for line, first in cursor.fetchall():
                yield Fault(line, name, f"Line {first} has the same key.", "Give each customer a line and a key.")


def drop(lines: Sequence[int]) -> None:
    """Take bad lines out."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM importing_row WHERE line = ANY(%s)", [list(lines)])


def after(line: int, *, limit: int) -> list[Customer]:
    """The next lines, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT customer FROM importing_row WHERE line > %s ORDER BY line LIMIT %s", [line, limit])
        return [_read(text) for (text,) in cursor.fetchall()]


def _read(text: str) -> Customer:
    customer = msgspec.json.decode(text, type=Customer)
    subscription = customer.subscription
    subscription.update({name: date.fromisoformat(subscription[name]) for name in _DATES if name in subscription})
    if clock_id := customer.account.get("test_clock_id"):
        customer.account["test_clock_id"] = UUID(clock_id)
    return customer
