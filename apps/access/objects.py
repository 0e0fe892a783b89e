"""API keys as the API shows them: everything but the key."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.access.models import ApiKey
from apps.rest.objects import ApiObject


class ApiKeyObject(ApiObject, frozen=True, kw_only=True):
    """An API key. `prefix` is its beginning, by which people tell it; the rest is stored nowhere."""

    id: UUID
    name: str
    prefix: str
    role: str
    livemode: bool
    allowed_cidrs: list[str]
    rate_limit: int
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
    updated_at: datetime
    url: str


class CreatedApiKeyObject(ApiKeyObject, frozen=True, kw_only=True):
    """An API key just made. `key` is shown this once; null where the answer is a repeated one."""

    key: str | None


def api_key_objects(keys: Sequence[ApiKey]) -> list[ApiKeyObject]:
    """The objects of `keys`, which must come with their `use`."""
    return [
        ApiKeyObject(
            id=key.pk,
            name=key.name,
            prefix=key.prefix,
            role=key.role,
            livemode=key.livemode,
            allowed_cidrs=list(key.allowed_cidrs),
            rate_limit=key.rate_limit,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            last_used_at=key.last_used_at,
            created_at=key.created_at,
            updated_at=key.updated_at,
            url=f"/v1/api-keys/{key.pk}",
        )
        for key in keys
    ]
