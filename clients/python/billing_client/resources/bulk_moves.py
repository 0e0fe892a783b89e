"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List

from billing_client.models import (
    BulkMove,
    BulkMoveInputRequest,
    PaginatedBulkMoveList,
    ShownBulkMove,
)
from billing_client.transport import AsyncSends, Sends, prepared


class BulkMoves:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, plan_id: str | None = None) -> PaginatedBulkMoveList:
        """List bulk moves, newest first."""
        return self._client.send(prepared('GET', '/v1/bulk-moves', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "plan_id": plan_id}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, plan_id: str | None = None) -> Iterator[BulkMove]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, limit=limit, plan_id=plan_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: BulkMoveInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> BulkMove:
        """Move the subscribers of a plan to a version of it, at the end of their period unless `effective` is ."""
        return self._client.send(prepared('POST', '/v1/bulk-moves', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> ShownBulkMove:
        """Show one move, with the first 100 that could not be moved."""
        return self._client.send(prepared('GET', f"/v1/bulk-moves/{id}"))  # type: ignore[no-any-return]


class AsyncBulkMoves:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, plan_id: str | None = None) -> PaginatedBulkMoveList:
        """List bulk moves, newest first."""
        return await self._client.send(prepared('GET', '/v1/bulk-moves', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "plan_id": plan_id}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, plan_id: str | None = None) -> AsyncIterator[BulkMove]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, limit=limit, plan_id=plan_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: BulkMoveInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> BulkMove:
        """Move the subscribers of a plan to a version of it, at the end of their period unless `effective` is ."""
        return await self._client.send(prepared('POST', '/v1/bulk-moves', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> ShownBulkMove:
        """Show one move, with the first 100 that could not be moved."""
        return await self._client.send(prepared('GET', f"/v1/bulk-moves/{id}"))  # type: ignore[no-any-return]
