"""Membership in many ids, as one parameter: an IN list costs a parameter an id, which a batch of hundreds feels."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import BooleanField, F, Func, Value


def among(column: str, ids: Collection[UUID]) -> Func:
    """Whether `column` is one of `ids`, for filter(): column = ANY(ids)."""
    listed = "{" + ",".join(sorted(map(str, set(ids)))) + "}"
    return Func(
        F(column),
        Value(listed),
        template="(%(expressions)s::uuid[]))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
