"""Reads of access."""

from apps.access.models import ApiKey


def key_by_prefix(prefix: str) -> ApiKey | None:
    """The key of that prefix with its last use, in one query."""
    return ApiKey.objects.select_related("use").filter(prefix=prefix).first()
