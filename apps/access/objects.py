"""API keys as the API shows them: everything but the key. And tokens, shown once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.access.granting import Granted
from apps.access.models import ApiKey
from apps.rest.objects import ApiObject


class ApiKeyObject(ApiObject, frozen=True, kw_only=True):
    """An API key. `prefix` is its beginning, by which people tell it; the rest is stored nowhere.

    `replaces_id`: the key in whose place it was made, by rotation.
    """

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
    replaces_id: UUID | None
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
            replaces_id=key.replaces_id,
            created_at=key.created_at,
            updated_at=key.updated_at,
            url=f"/v1/api-keys/{key.pk}",
        )
        for key in keys
    ]


class TokenObject(ApiObject, frozen=True, kw_only=True):
    """An access token and, of staff, what gets the next one. Null where an answer is repeated: they are not kept."""

    token_type: str
    access_token: str | None
    expires_in: int
    refresh_token: str | None
    refresh_expires_at: datetime | None


def token_object(granted: Granted) -> TokenObject:
    """The object of what was granted."""
    return TokenObject(
        token_type="Bearer",  # noqa: S106 - the name of a kind
        access_token=granted.access_token,
        expires_in=granted.expires_in,
        refresh_token=granted.refresh_token,
        refresh_expires_at=granted.refresh_expires_at,
    )
