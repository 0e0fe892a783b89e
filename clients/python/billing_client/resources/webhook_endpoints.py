"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List, Literal

from billing_client.models import (
    Attempt,
    CreatedWebhookEndpoint,
    PaginatedWebhookDeliveryList,
    PaginatedWebhookEndpointList,
    PatchedWebhookEndpointChangeRequest,
    Resend,
    ResendInputRequest,
    RotateInputRequest,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEndpointInputRequest,
)
from billing_client.transport import AsyncSends, Sends, prepared


class WebhookEndpoints:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, status: Literal['ENABLED', 'DISABLED'] | None = None) -> PaginatedWebhookEndpointList:
        """List webhook endpoints, newest first."""
        return self._client.send(prepared('GET', '/v1/webhook-endpoints', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, status: Literal['ENABLED', 'DISABLED'] | None = None) -> Iterator[WebhookEndpoint]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, limit=limit, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: WebhookEndpointInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedWebhookEndpoint:
        """Make an endpoint."""
        return self._client.send(prepared('POST', '/v1/webhook-endpoints', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def list_deliveries(self, endpoint_id: str, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, event_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'DELIVERED', 'FAILED'] | None = None) -> PaginatedWebhookDeliveryList:
        """List webhook deliverys, newest first."""
        return self._client.send(prepared('GET', f"/v1/webhook-endpoints/{endpoint_id}/deliveries", query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "event_id": event_id, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    def all_deliveries(self, endpoint_id: str, *, created_after: str | None = None, created_before: str | None = None, event_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'DELIVERED', 'FAILED'] | None = None) -> Iterator[WebhookDelivery]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_deliveries(endpoint_id, created_after=created_after, created_before=created_before, event_id=event_id, limit=limit, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def get(self, id: str) -> WebhookEndpoint:
        """Show one webhook endpoint."""
        return self._client.send(prepared('GET', f"/v1/webhook-endpoints/{id}"))  # type: ignore[no-any-return]

    def update(self, id: str, body: PatchedWebhookEndpointChangeRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> WebhookEndpoint:
        """Change an endpoint, disable or enable it."""
        return self._client.send(prepared('PATCH', f"/v1/webhook-endpoints/{id}", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Send it nothing any more."""
        return self._client.send(prepared('DELETE', f"/v1/webhook-endpoints/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    def resend(self, id: str, body: ResendInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Resend:
        """Send everything since a time or position again, under the same ids and numbers."""
        return self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/resend", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def rotate_secret(self, id: str, body: RotateInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedWebhookEndpoint:
        """A new secret, shown this once."""
        return self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/rotate-secret", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def test(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Attempt:
        """Send `webhook_endpoint.test` now, and show what was answered."""
        return self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/test", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncWebhookEndpoints:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, status: Literal['ENABLED', 'DISABLED'] | None = None) -> PaginatedWebhookEndpointList:
        """List webhook endpoints, newest first."""
        return await self._client.send(prepared('GET', '/v1/webhook-endpoints', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, status: Literal['ENABLED', 'DISABLED'] | None = None) -> AsyncIterator[WebhookEndpoint]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, limit=limit, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: WebhookEndpointInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedWebhookEndpoint:
        """Make an endpoint."""
        return await self._client.send(prepared('POST', '/v1/webhook-endpoints', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def list_deliveries(self, endpoint_id: str, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, event_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'DELIVERED', 'FAILED'] | None = None) -> PaginatedWebhookDeliveryList:
        """List webhook deliverys, newest first."""
        return await self._client.send(prepared('GET', f"/v1/webhook-endpoints/{endpoint_id}/deliveries", query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "event_id": event_id, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    async def all_deliveries(self, endpoint_id: str, *, created_after: str | None = None, created_before: str | None = None, event_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'DELIVERED', 'FAILED'] | None = None) -> AsyncIterator[WebhookDelivery]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_deliveries(endpoint_id, created_after=created_after, created_before=created_before, event_id=event_id, limit=limit, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get(self, id: str) -> WebhookEndpoint:
        """Show one webhook endpoint."""
        return await self._client.send(prepared('GET', f"/v1/webhook-endpoints/{id}"))  # type: ignore[no-any-return]

    async def update(self, id: str, body: PatchedWebhookEndpointChangeRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> WebhookEndpoint:
        """Change an endpoint, disable or enable it."""
        return await self._client.send(prepared('PATCH', f"/v1/webhook-endpoints/{id}", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Send it nothing any more."""
        return await self._client.send(prepared('DELETE', f"/v1/webhook-endpoints/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    async def resend(self, id: str, body: ResendInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Resend:
        """Send everything since a time or position again, under the same ids and numbers."""
        return await self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/resend", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def rotate_secret(self, id: str, body: RotateInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedWebhookEndpoint:
        """A new secret, shown this once."""
        return await self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/rotate-secret", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def test(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Attempt:
        """Send `webhook_endpoint.test` now, and show what was answered."""
        return await self._client.send(prepared('POST', f"/v1/webhook-endpoints/{id}/test", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
