"""Which keys are taken, and by which event."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

_TAKEN = """
SELECT encode(uuid_send(digest), 'hex'), event_id FROM usage_key WHERE digest = ANY(%s::uuid[])
"""


def taken(digests: Collection[str]) -> dict[str, UUID]:
    """The event of each of these keys that is taken, in whatever generation."""
    if not digests:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, ["{" + ",".join(digests) + "}"])
        return dict(cursor.fetchall())
