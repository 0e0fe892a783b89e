"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, List, Literal

from billing_client.models import (
    PaginatedUsageEventList,
    RecordedUsageEvent,
    UsageBatch,
    UsageEvent,
    UsageEventInputRequest,
    UsageReplacementInputRequest,
    UsageVoidInputRequest,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Usage:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, cursor: str | None = None, idempotency_key: str | None = None, limit: int | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> PaginatedUsageEventList:
        """List usage events, newest first."""
        return self._client.send(prepared('GET', '/v1/usage', query={"cursor": cursor, "idempotency_key": idempotency_key, "limit": limit, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    def all(self, *, idempotency_key: str | None = None, limit: int | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> Iterator[UsageEvent]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(idempotency_key=idempotency_key, limit=limit, metric=metric, subscription_id=subscription_id, timestamp_after=timestamp_after, timestamp_before=timestamp_before, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: UsageEventInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> RecordedUsageEvent:
        """Record one event: 201, or 200 with what is stored when its key is known already."""
        return self._client.send(prepared('POST', '/v1/usage', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def batch(self, body: List[UsageEventInputRequest], *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageBatch:
        """Record many events, as a JSON array or one on each line; each is answered on its own."""
        return self._client.send(prepared('POST', '/v1/usage/batch', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_export(self, *, format: Literal['csv', 'parquet'] | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> bytes:
        """Stream events as a file, in the order of their arrival, those that are void too."""
        return self._client.send(prepared('GET', '/v1/usage/export', query={"format": format, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    def get_summary(self, *, group_by: str | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> dict[str, Any]:
        """Sum usage up by local day, metric and properties; what was voided is left out."""
        return self._client.send(prepared('GET', '/v1/usage/summary', query={"group_by": group_by, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    def get(self, id: str) -> UsageEvent:
        """Show one usage event."""
        return self._client.send(prepared('GET', f"/v1/usage/{id}"))  # type: ignore[no-any-return]

    def replace(self, id: str, body: UsageReplacementInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageEvent:
        """Let another event count instead of this one, in one step; answers with the new one."""
        return self._client.send(prepared('POST', f"/v1/usage/{id}/replace", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def void(self, id: str, body: UsageVoidInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageEvent:
        """Let an event count no longer; a period that is billed already is rated again."""
        return self._client.send(prepared('POST', f"/v1/usage/{id}/void", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncUsage:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, cursor: str | None = None, idempotency_key: str | None = None, limit: int | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> PaginatedUsageEventList:
        """List usage events, newest first."""
        return await self._client.send(prepared('GET', '/v1/usage', query={"cursor": cursor, "idempotency_key": idempotency_key, "limit": limit, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    async def all(self, *, idempotency_key: str | None = None, limit: int | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> AsyncIterator[UsageEvent]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(idempotency_key=idempotency_key, limit=limit, metric=metric, subscription_id=subscription_id, timestamp_after=timestamp_after, timestamp_before=timestamp_before, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: UsageEventInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> RecordedUsageEvent:
        """Record one event: 201, or 200 with what is stored when its key is known already."""
        return await self._client.send(prepared('POST', '/v1/usage', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def batch(self, body: List[UsageEventInputRequest], *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageBatch:
        """Record many events, as a JSON array or one on each line; each is answered on its own."""
        return await self._client.send(prepared('POST', '/v1/usage/batch', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_export(self, *, format: Literal['csv', 'parquet'] | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> bytes:
        """Stream events as a file, in the order of their arrival, those that are void too."""
        return await self._client.send(prepared('GET', '/v1/usage/export', query={"format": format, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    async def get_summary(self, *, group_by: str | None = None, metric: str | None = None, subscription_id: str | None = None, timestamp_after: str | None = None, timestamp_before: str | None = None) -> dict[str, Any]:
        """Sum usage up by local day, metric and properties; what was voided is left out."""
        return await self._client.send(prepared('GET', '/v1/usage/summary', query={"group_by": group_by, "metric": metric, "subscription_id": subscription_id, "timestamp_after": timestamp_after, "timestamp_before": timestamp_before}))  # type: ignore[no-any-return]

    async def get(self, id: str) -> UsageEvent:
        """Show one usage event."""
        return await self._client.send(prepared('GET', f"/v1/usage/{id}"))  # type: ignore[no-any-return]

    async def replace(self, id: str, body: UsageReplacementInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageEvent:
        """Let another event count instead of this one, in one step; answers with the new one."""
        return await self._client.send(prepared('POST', f"/v1/usage/{id}/replace", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def void(self, id: str, body: UsageVoidInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> UsageEvent:
        """Let an event count no longer; a period that is billed already is rated again."""
        return await self._client.send(prepared('POST', f"/v1/usage/{id}/void", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
