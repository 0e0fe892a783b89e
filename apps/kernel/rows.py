"""Rows of one model written at once, with less around them than the ORM has."""

from collections.abc import Collection, Sequence

from django.db import connection
from django.db.models import Model

from apps.kernel.statements import execute
from apps.kernel.transactions import copy_rows


def save_rows(rows: Sequence[Model], fields: Collection[str]) -> None:
    """Write these fields of rows of one model as they stand in memory, in one statement, inside the open transaction.

    What bulk_update does, from arrays of values: a case for each row and field costs more than what follows from it.
    Not for fields that are arrays or ranges themselves. KeyError: there is no such field.
    """
    if not rows:
        return
    meta = rows[0]._meta
    known = {each.name: each for each in meta.concrete_fields}
    columns = [meta.pk, *(known[name] for name in fields)]
    arrays = [[each.get_db_prep_save(getattr(row, each.attname), connection) for row in rows] for each in columns]
    key, *changed = names = [connection.ops.quote_name(str(each.column)) for each in columns]
    types = ", ".join(f"%s::{each.db_type(connection)}[]" for each in columns)
    changes = ", ".join(f"{name} = new.{name}" for name in changed)
    execute(
        f"UPDATE {connection.ops.quote_name(meta.db_table)} AS kept SET {changes} "  # noqa: S608 - names of columns
        f"FROM unnest({types}) AS new ({', '.join(names)}) WHERE kept.{key} = new.{key}",
        arrays,
    )


def insert_rows(rows: Sequence[Model]) -> None:
    """Write new rows of one model as they stand in memory, in one statement, inside the open transaction.

    What bulk_create does. Not for models with values that the database gives.
    """
    if not rows:
        return
    meta = rows[0]._meta
    fields = meta.concrete_fields
    copy_rows(
        meta.db_table,
        [str(each.column) for each in fields],
        [[each.get_db_prep_save(each.pre_save(row, add=True), connection) for each in fields] for row in rows],
    )
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
