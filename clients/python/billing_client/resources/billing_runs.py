"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List, Literal

from billing_client.models import (
    BillingRun,
    DryRunInputRequest,
    PaginatedBillingRunList,
    RetriedBillingRun,
    ShownBillingRun,
)
from billing_client.transport import AsyncSends, Sends, prepared


class BillingRuns:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, dry_run: bool | None = None, limit: int | None = None, status: Literal['FORECASTING', 'HELD', 'RUNNING', 'PAUSED', 'FINISHED'] | None = None, test_clock_id: str | None = None) -> PaginatedBillingRunList:
        """List billing runs, newest first."""
        return self._client.send(prepared('GET', '/v1/billing-runs', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "dry_run": dry_run, "limit": limit, "status": status, "test_clock_id": test_clock_id}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, dry_run: bool | None = None, limit: int | None = None, status: Literal['FORECASTING', 'HELD', 'RUNNING', 'PAUSED', 'FINISHED'] | None = None, test_clock_id: str | None = None) -> Iterator[BillingRun]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, dry_run=dry_run, limit=limit, status=status, test_clock_id=test_clock_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: DryRunInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Forecast a billing run."""
        return self._client.send(prepared('POST', '/v1/billing-runs', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> ShownBillingRun:
        """Show a billing run and what it could not bill."""
        return self._client.send(prepared('GET', f"/v1/billing-runs/{id}"))  # type: ignore[no-any-return]

    def approve(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Approve a held billing run."""
        return self._client.send(prepared('POST', f"/v1/billing-runs/{id}/approve", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def pause(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Pause a billing run."""
        return self._client.send(prepared('POST', f"/v1/billing-runs/{id}/pause", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def resume(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Let a paused billing run go on."""
        return self._client.send(prepared('POST', f"/v1/billing-runs/{id}/resume", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def retry(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> RetriedBillingRun:
        """Bill again what a run could not bill."""
        return self._client.send(prepared('POST', f"/v1/billing-runs/{id}/retry", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncBillingRuns:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, dry_run: bool | None = None, limit: int | None = None, status: Literal['FORECASTING', 'HELD', 'RUNNING', 'PAUSED', 'FINISHED'] | None = None, test_clock_id: str | None = None) -> PaginatedBillingRunList:
        """List billing runs, newest first."""
        return await self._client.send(prepared('GET', '/v1/billing-runs', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "dry_run": dry_run, "limit": limit, "status": status, "test_clock_id": test_clock_id}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, dry_run: bool | None = None, limit: int | None = None, status: Literal['FORECASTING', 'HELD', 'RUNNING', 'PAUSED', 'FINISHED'] | None = None, test_clock_id: str | None = None) -> AsyncIterator[BillingRun]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, dry_run=dry_run, limit=limit, status=status, test_clock_id=test_clock_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: DryRunInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Forecast a billing run."""
        return await self._client.send(prepared('POST', '/v1/billing-runs', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> ShownBillingRun:
        """Show a billing run and what it could not bill."""
        return await self._client.send(prepared('GET', f"/v1/billing-runs/{id}"))  # type: ignore[no-any-return]

    async def approve(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Approve a held billing run."""
        return await self._client.send(prepared('POST', f"/v1/billing-runs/{id}/approve", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def pause(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Pause a billing run."""
        return await self._client.send(prepared('POST', f"/v1/billing-runs/{id}/pause", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def resume(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownBillingRun:
        """Let a paused billing run go on."""
        return await self._client.send(prepared('POST', f"/v1/billing-runs/{id}/resume", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def retry(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> RetriedBillingRun:
        """Bill again what a run could not bill."""
        return await self._client.send(prepared('POST', f"/v1/billing-runs/{id}/retry", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
