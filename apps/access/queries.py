"""Reads of access."""

from typing import Any

from apps.access.models import ApiKey, KeyUse

_BY_PREFIX = """
SELECT held.*, used.key_id AS use_of, used.at AS used_at
FROM access_apikey AS held LEFT JOIN access_keyuse AS used ON used.key_id = held.id WHERE held.prefix = %s
"""
"""Written out, for it is asked at every request, and takes longer to compile than to run."""


def key_by_prefix(prefix: str) -> ApiKey | None:
    """The key of that prefix with its last use, in one query."""
    key: Any  # with the columns of its use besides
    for key in ApiKey.objects.raw(_BY_PREFIX, [prefix]):
        if key.use_of is not None:
            key.use = KeyUse(key=key, at=key.used_at)
        return key  # type: ignore[no-any-return]
    return None
