"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List, Literal

from billing_client.models import (
    Credit,
    CreditInputRequest,
    PaginatedCreditList,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Credits:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, source: Literal['goodwill', 'overpayment', 'proration', 'return', 'void', 'credit_note', 'refund'] | None = None) -> PaginatedCreditList:
        """List credits, newest first."""
        return self._client.send(prepared('GET', '/v1/credits', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "metadata": metadata, "source": source}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, source: Literal['goodwill', 'overpayment', 'proration', 'return', 'void', 'credit_note', 'refund'] | None = None) -> Iterator[Credit]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, metadata=metadata, source=source, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: CreditInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Credit:
        """Give credit out of goodwill; invoices issued from now on use it."""
        return self._client.send(prepared('POST', '/v1/credits', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> Credit:
        """Show one credit."""
        return self._client.send(prepared('GET', f"/v1/credits/{id}"))  # type: ignore[no-any-return]

    def void(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Credit:
        """Take back what remains of a goodwill credit; what it has paid stays paid."""
        return self._client.send(prepared('POST', f"/v1/credits/{id}/void", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncCredits:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, source: Literal['goodwill', 'overpayment', 'proration', 'return', 'void', 'credit_note', 'refund'] | None = None) -> PaginatedCreditList:
        """List credits, newest first."""
        return await self._client.send(prepared('GET', '/v1/credits', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "metadata": metadata, "source": source}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, source: Literal['goodwill', 'overpayment', 'proration', 'return', 'void', 'credit_note', 'refund'] | None = None) -> AsyncIterator[Credit]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, limit=limit, metadata=metadata, source=source, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: CreditInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Credit:
        """Give credit out of goodwill; invoices issued from now on use it."""
        return await self._client.send(prepared('POST', '/v1/credits', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> Credit:
        """Show one credit."""
        return await self._client.send(prepared('GET', f"/v1/credits/{id}"))  # type: ignore[no-any-return]

    async def void(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Credit:
        """Take back what remains of a goodwill credit; what it has paid stays paid."""
        return await self._client.send(prepared('POST', f"/v1/credits/{id}/void", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
