"""Membership in many ids, as one parameter: an IN list costs a parameter an id, which a batch of hundreds feels."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import BooleanField, F, Func, Value


def among(column: str, ids: Collection[UUID]) -> Func:
    """Whether `column` is one of `ids`, for filter(): column = ANY(ids)."""
    return Func(
        F(column),
        Value(array(ids)),
        template="(%(expressions)s::uuid[]))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def array(ids: Collection[UUID]) -> str:
    """The ids, each once and in order, as PostgreSQL reads an array: for ANY(%s::uuid[]) in SQL that is written out."""
    return "{" + ",".join(sorted([each.hex for each in set(ids)])) + "}"
