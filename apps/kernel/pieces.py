"""Rows of a table read to the end in pieces, for what is streamed."""

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def pieces(rows: QuerySet[Row], size: int) -> Iterator[list[Row]]:
    """By rising ids, each piece a query of its own: no transaction stays open while a client reads slowly.

    A row that is added meanwhile may come too; none comes twice, and none that is there all the while is left out. The
    first query is made at once, so that one which the database refuses is refused before anything is answered.
    """
    return _from(list(rows.order_by("pk")[:size]), rows, size)


def _from(piece: list[Row], rows: QuerySet[Row], size: int) -> Iterator[list[Row]]:
    while piece:
        yield piece
        if len(piece) < size:
            return
        piece = list(rows.filter(pk__gt=piece[-1].pk).order_by("pk")[:size])
