"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List, Literal

from billing_client.models import (
    PaginatedRefundList,
    Refund,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Refunds:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> PaginatedRefundList:
        """List refunds, newest first."""
        return self._client.send(prepared('GET', '/v1/refunds', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "payment_id": payment_id, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> Iterator[Refund]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, payment_id=payment_id, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def get(self, id: str) -> Refund:
        """Show one refund."""
        return self._client.send(prepared('GET', f"/v1/refunds/{id}"))  # type: ignore[no-any-return]


class AsyncRefunds:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> PaginatedRefundList:
        """List refunds, newest first."""
        return await self._client.send(prepared('GET', '/v1/refunds', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "payment_id": payment_id, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, payment_id: str | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> AsyncIterator[Refund]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, payment_id=payment_id, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get(self, id: str) -> Refund:
        """Show one refund."""
        return await self._client.send(prepared('GET', f"/v1/refunds/{id}"))  # type: ignore[no-any-return]
