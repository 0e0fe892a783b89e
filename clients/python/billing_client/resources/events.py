"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, List

from billing_client.models import (
    Event,
    EventResendInputRequest,
    PaginatedEventList,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Events:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, after: int | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, event_type: str | None = None, limit: int | None = None, object_id: str | None = None) -> PaginatedEventList:
        """List events, newest first."""
        return self._client.send(prepared('GET', '/v1/events', query={"account_id": account_id, "after": after, "created_after": created_after, "created_before": created_before, "cursor": cursor, "event_type": event_type, "limit": limit, "object_id": object_id}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, after: int | None = None, created_after: str | None = None, created_before: str | None = None, event_type: str | None = None, limit: int | None = None, object_id: str | None = None) -> Iterator[Event]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, after=after, created_after=created_after, created_before=created_before, event_type=event_type, limit=limit, object_id=object_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def get_stream(self, *, after: int | None = None, types: str | None = None) -> bytes:
        """Hear of events as they happen."""
        return self._client.send(prepared('GET', '/v1/events/stream', query={"after": after, "types": types}))  # type: ignore[no-any-return]

    def get(self, id: str) -> Event:
        """Show one event."""
        return self._client.send(prepared('GET', f"/v1/events/{id}"))  # type: ignore[no-any-return]

    def resend(self, id: str, body: EventResendInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> dict[str, Any]:
        """Send one event again, under its own id: to one endpoint, or to all that listen to its type."""
        return self._client.send(prepared('POST', f"/v1/events/{id}/resend", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncEvents:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, after: int | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, event_type: str | None = None, limit: int | None = None, object_id: str | None = None) -> PaginatedEventList:
        """List events, newest first."""
        return await self._client.send(prepared('GET', '/v1/events', query={"account_id": account_id, "after": after, "created_after": created_after, "created_before": created_before, "cursor": cursor, "event_type": event_type, "limit": limit, "object_id": object_id}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, after: int | None = None, created_after: str | None = None, created_before: str | None = None, event_type: str | None = None, limit: int | None = None, object_id: str | None = None) -> AsyncIterator[Event]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, after=after, created_after=created_after, created_before=created_before, event_type=event_type, limit=limit, object_id=object_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get_stream(self, *, after: int | None = None, types: str | None = None) -> bytes:
        """Hear of events as they happen."""
        return await self._client.send(prepared('GET', '/v1/events/stream', query={"after": after, "types": types}))  # type: ignore[no-any-return]

    async def get(self, id: str) -> Event:
        """Show one event."""
        return await self._client.send(prepared('GET', f"/v1/events/{id}"))  # type: ignore[no-any-return]

    async def resend(self, id: str, body: EventResendInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> dict[str, Any]:
        """Send one event again, under its own id: to one endpoint, or to all that listen to its type."""
        return await self._client.send(prepared('POST', f"/v1/events/{id}/resend", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
