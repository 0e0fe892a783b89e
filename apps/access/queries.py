"""Reads of access."""

from django.db import connection

from apps.access.models import ApiKey, KeyUse

_COLUMNS = [field.attname for field in ApiKey._meta.concrete_fields]
_BY_PREFIX = f"""
SELECT {", ".join(f"held.{name}" for name in _COLUMNS)}, used.key_id, used.at
FROM access_apikey AS held LEFT JOIN access_keyuse AS used ON used.key_id = held.id WHERE held.prefix = %s
"""  # noqa: S608 - names of columns alone
"""Written out and read as it comes, for it is asked at every request, and takes longer to compile than to run."""


def key_by_prefix(prefix: str) -> ApiKey | None:
    """The key of that prefix with its last use, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_PREFIX, [prefix])
        row = cursor.fetchone()
    if row is None:
        return None
    *values, use_of, used_at = row
    key = ApiKey.from_db(connection.alias, _COLUMNS, values)
    if use_of is not None:
        key.use = KeyUse(key=key, at=used_at)
    return key
