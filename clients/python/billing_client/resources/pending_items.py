"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List

from billing_client.models import (
    PaginatedPendingItemList,
    PendingInputRequest,
    PendingItem,
)
from billing_client.transport import AsyncSends, Sends, prepared


class PendingItems:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, subscription_id: str | None = None, waiting: bool | None = None) -> PaginatedPendingItemList:
        """List pending items, newest first."""
        return self._client.send(prepared('GET', '/v1/pending-items', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "subscription_id": subscription_id, "waiting": waiting}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, subscription_id: str | None = None, waiting: bool | None = None) -> Iterator[PendingItem]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, subscription_id=subscription_id, waiting=waiting, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: PendingInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PendingItem:
        """Let a line wait for the account's next invoice of any kind but one-off."""
        return self._client.send(prepared('POST', '/v1/pending-items', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> PendingItem:
        """Show one pending item."""
        return self._client.send(prepared('GET', f"/v1/pending-items/{id}"))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Take a line back while it waits."""
        return self._client.send(prepared('DELETE', f"/v1/pending-items/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))


class AsyncPendingItems:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, subscription_id: str | None = None, waiting: bool | None = None) -> PaginatedPendingItemList:
        """List pending items, newest first."""
        return await self._client.send(prepared('GET', '/v1/pending-items', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "subscription_id": subscription_id, "waiting": waiting}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, subscription_id: str | None = None, waiting: bool | None = None) -> AsyncIterator[PendingItem]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, subscription_id=subscription_id, waiting=waiting, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: PendingInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PendingItem:
        """Let a line wait for the account's next invoice of any kind but one-off."""
        return await self._client.send(prepared('POST', '/v1/pending-items', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> PendingItem:
        """Show one pending item."""
        return await self._client.send(prepared('GET', f"/v1/pending-items/{id}"))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Take a line back while it waits."""
        return await self._client.send(prepared('DELETE', f"/v1/pending-items/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))
