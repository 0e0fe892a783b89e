"""Rows of a table read to the end in pieces, for what is streamed."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

Row = TypeVar("Row", bound=Model)


def pieces(rows: QuerySet[Row], size: int, by: Sequence[str] = ("pk",)) -> Iterator[list[Row]]:
    """By rising `by`, each piece a query of its own: no transaction stays open while a client reads slowly.

    `by` together is of one row alone and never changes. A row that is added meanwhile may come too; none comes twice,
    and none that is there all the while is left out. The first query is made at once, so that one which the database
    refuses is refused before anything is answered.
    """
    return _from(list(rows.order_by(*by)[:size]), rows, size, by)


def _from(piece: list[Row], rows: QuerySet[Row], size: int, by: Sequence[str]) -> Iterator[list[Row]]:
    while piece:
        yield piece
        if len(piece) < size:
            return
        piece = list(_after(piece[-1], rows, by).order_by(*by)[:size])


def _after(last: Row, rows: QuerySet[Row], by: Sequence[str]) -> QuerySet[Row]:
    """One comparison of all together, which an index that begins with `by` answers from where it stopped."""
    values = [getattr(last, name) for name in by]
    if len(by) == 1:
        return rows.filter(**{f"{by[0]}__gt": values[0]})
    return rows.filter(TupleGreaterThan(Tuple(*by), values))
