"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List

from billing_client.models import (
    ApiKey,
    ApiKeyInputRequest,
    CreatedApiKey,
    PaginatedApiKeyList,
    RotateApiKeyInputRequest,
)
from billing_client.transport import AsyncSends, Sends, prepared


class ApiKeys:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, cursor: str | None = None, limit: int | None = None) -> PaginatedApiKeyList:
        """List api keys, newest first."""
        return self._client.send(prepared('GET', '/v1/api-keys', query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all(self, *, limit: int | None = None) -> Iterator[ApiKey]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: ApiKeyInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedApiKey:
        """Make a key; it is shown this once."""
        return self._client.send(prepared('POST', '/v1/api-keys', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> ApiKey:
        """Show one api key."""
        return self._client.send(prepared('GET', f"/v1/api-keys/{id}"))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Revoke a key at once."""
        return self._client.send(prepared('DELETE', f"/v1/api-keys/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    def rotate(self, id: str, body: RotateApiKeyInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedApiKey:
        """Make a key in the place of another."""
        return self._client.send(prepared('POST', f"/v1/api-keys/{id}/rotate", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncApiKeys:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, cursor: str | None = None, limit: int | None = None) -> PaginatedApiKeyList:
        """List api keys, newest first."""
        return await self._client.send(prepared('GET', '/v1/api-keys', query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all(self, *, limit: int | None = None) -> AsyncIterator[ApiKey]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: ApiKeyInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedApiKey:
        """Make a key; it is shown this once."""
        return await self._client.send(prepared('POST', '/v1/api-keys', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> ApiKey:
        """Show one api key."""
        return await self._client.send(prepared('GET', f"/v1/api-keys/{id}"))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Revoke a key at once."""
        return await self._client.send(prepared('DELETE', f"/v1/api-keys/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    async def rotate(self, id: str, body: RotateApiKeyInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedApiKey:
        """Make a key in the place of another."""
        return await self._client.send(prepared('POST', f"/v1/api-keys/{id}/rotate", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
