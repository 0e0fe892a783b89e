"""How instants are read from the database: by psycopg's compiled loader, where Django would take one of its own.

Both give the same: an aware datetime in the zone of the connection, which Django sets to UTC.
"""

from datetime import UTC
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg.postgres import types
from psycopg.pq import Format

_OID = types["timestamptz"].oid
_compiled: Any = psycopg.adapters.get_loader(_OID, Format.TEXT)


class InstantLoader:
    """Stands for the compiled one, which has no `timezone`: Django asks for that before each cursor."""

    timezone = UTC
    format = Format.TEXT

    def __new__(cls, oid: int, context: Any = None) -> Any:
        return _compiled(oid, context)


def read_compiled() -> None:
    """Have all connections that are made from now on read instants so."""
    get_adapters_template(settings.USE_TZ, UTC).register_loader("timestamptz", InstantLoader)
