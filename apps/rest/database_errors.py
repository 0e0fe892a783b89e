"""What PostgreSQL refused, in words a caller can act on. Values never leave: only names of columns do."""

import re

import structlog
from django.apps import apps
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.db.models import UniqueConstraint

from apps.kernel.errors import Conflict, DomainError, Invalid, Problem, Unavailable

UNIQUE, EXCLUSION, FOREIGN_KEY = "23505", "23P01", "23503"


def translate(error: DatabaseError) -> DomainError | None:
    """The refusal that `error` amounts to, or None when it is our own mistake."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if isinstance(error, OperationalError | InterfaceError):
        structlog.get_logger(__name__).warning("database_unavailable", sqlstate=state, exc_info=error)
        return unavailable()
    if state == UNIQUE:
        return _taken(cause)
    if state == EXCLUSION:
        return Conflict("overlap", "It overlaps with what is there already.", hint="Read the object and try again.")
    if state == FOREIGN_KEY:
        return Conflict("referenced", "Other objects refer to it, or what it refers to is gone.", hint="Read it again.")
    if isinstance(error, DataError):
        structlog.get_logger(__name__).warning("value_out_of_range", sqlstate=state)
        return Invalid("value_out_of_range", "A value is too large to be stored.", hint="Send a smaller value.")
    return None


def unavailable() -> Unavailable:
    """The database is away, or too busy to answer in time."""
    return Unavailable(
        "unavailable",
        "The database did not answer in time.",
        hint="Repeat the request after Retry-After seconds, with the same Idempotency-Key.",
        retry_after=1,
    )


def _taken(cause: object) -> Conflict:
    fields = _fields(cause)
    names = ", ".join(fields) or "a unique key"
    return Conflict(
        "already_exists",
        f"Another object has the same value of {names}.",
        hint="Choose another value, or read and use the object that exists.",
        errors=[Problem(f"/{name}", "already_exists", "This value is taken.") for name in fields],
    )


def _fields(cause: object) -> list[str]:
    diagnostics = getattr(cause, "diag", None)
    constraint = getattr(diagnostics, "constraint_name", None)
    for model in apps.get_models():
        for known in model._meta.constraints:
            if known.name == constraint and isinstance(known, UniqueConstraint) and known.fields:
                return list(known.fields)
    # Names alone: "Key (external_key)=(...) already exists." The values behind them stay here.
    named = re.match(r"Key \(([a-z_0-9, ]+)\)=", getattr(diagnostics, "message_detail", None) or "")
    return named.group(1).split(", ") if named else []
