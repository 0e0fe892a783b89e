"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List, Literal

from billing_client.models import (
    AdvanceInputRequest,
    PaginatedTestClockList,
    TestClock,
    TestClockInputRequest,
)
from billing_client.transport import AsyncSends, Sends, prepared


class TestClocks:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, name: str | None = None, status: Literal['READY', 'ADVANCING', 'FAILED'] | None = None) -> PaginatedTestClockList:
        """List test clocks, newest first."""
        return self._client.send(prepared('GET', '/v1/test-clocks', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "name": name, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, name: str | None = None, status: Literal['READY', 'ADVANCING', 'FAILED'] | None = None) -> Iterator[TestClock]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, limit=limit, name=name, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: TestClockInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TestClock:
        """Make a test clock that stands at `frozen_time`; accounts join it by `test_clock_id` when they are cr."""
        return self._client.send(prepared('POST', '/v1/test-clocks', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> TestClock:
        """Show one test clock."""
        return self._client.send(prepared('GET', f"/v1/test-clocks/{id}"))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Delete a test clock that no account lives on."""
        return self._client.send(prepared('DELETE', f"/v1/test-clocks/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    def advance(self, id: str, body: AdvanceInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TestClock:
        """Run all that falls due up to a later time, in order: 200 when done within `Prefer: wait=N` (30), els."""
        return self._client.send(prepared('POST', f"/v1/test-clocks/{id}/advance", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncTestClocks:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, name: str | None = None, status: Literal['READY', 'ADVANCING', 'FAILED'] | None = None) -> PaginatedTestClockList:
        """List test clocks, newest first."""
        return await self._client.send(prepared('GET', '/v1/test-clocks', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "name": name, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, name: str | None = None, status: Literal['READY', 'ADVANCING', 'FAILED'] | None = None) -> AsyncIterator[TestClock]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, limit=limit, name=name, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: TestClockInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TestClock:
        """Make a test clock that stands at `frozen_time`; accounts join it by `test_clock_id` when they are cr."""
        return await self._client.send(prepared('POST', '/v1/test-clocks', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> TestClock:
        """Show one test clock."""
        return await self._client.send(prepared('GET', f"/v1/test-clocks/{id}"))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Delete a test clock that no account lives on."""
        return await self._client.send(prepared('DELETE', f"/v1/test-clocks/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    async def advance(self, id: str, body: AdvanceInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TestClock:
        """Run all that falls due up to a later time, in order: 200 when done within `Prefer: wait=N` (30), els."""
        return await self._client.send(prepared('POST', f"/v1/test-clocks/{id}/advance", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
