"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, List, Literal

from billing_client.models import (
    CancellationRequest,
    CreatedSubscription,
    CurrentUsage,
    PaginatedSubscriptionList,
    PatchedSubscriptionChangeRequest,
    PauseInputRequest,
    Preview,
    ResumeInputRequest,
    ShownSubscription,
    Subscription,
    SubscriptionChangeRequest,
    SubscriptionInputRequest,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Subscriptions:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, external_key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, plan_id: str | None = None, status: Literal['TRIAL', 'ACTIVE', 'PAUSED', 'CANCELLED', 'EXPIRED'] | None = None) -> PaginatedSubscriptionList:
        """List subscriptions, newest first."""
        return self._client.send(prepared('GET', '/v1/subscriptions', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "external_key": external_key, "limit": limit, "metadata": metadata, "plan_id": plan_id, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, external_key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, plan_id: str | None = None, status: Literal['TRIAL', 'ACTIVE', 'PAUSED', 'CANCELLED', 'EXPIRED'] | None = None) -> Iterator[Subscription]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, external_key=external_key, limit=limit, metadata=metadata, plan_id=plan_id, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: SubscriptionInputRequest, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Subscribe an account to a plan: subscription, first invoice and payment attempt are recorded as one."""
        return self._client.send(prepared('POST', '/v1/subscriptions', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def preview_new(self, body: SubscriptionInputRequest, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Preview:
        """Preview a creation: what it would bill now, and next."""
        return self._client.send(prepared('POST', '/v1/subscriptions/preview', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> ShownSubscription:
        """Show one subscription."""
        return self._client.send(prepared('GET', f"/v1/subscriptions/{id}", query={"expand": expand}))  # type: ignore[no-any-return]

    def update(self, id: str, body: PatchedSubscriptionChangeRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Change plan, version, quantity or metadata: the rest of the period is credited, and charged anew."""
        return self._client.send(prepared('PATCH', f"/v1/subscriptions/{id}", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def cancel(self, id: str, body: CancellationRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Cancel now, with credit for the unused days unless credit_unused is false, or at the end of the peri."""
        return self._client.send(prepared('POST', f"/v1/subscriptions/{id}/cancel", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_coupons(self, id: str, coupon_id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take a coupon off: it comes off nothing that is charged from now on; what is billed stays as it is."""
        return self._client.send(prepared('DELETE', f"/v1/subscriptions/{id}/coupons/{coupon_id}", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_history(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> dict[str, Any]:
        """What happened to it, newest first: each event with the values before and after."""
        return self._client.send(prepared('GET', f"/v1/subscriptions/{id}/history", query={"expand": expand}))  # type: ignore[no-any-return]

    def pause(self, id: str, body: PauseInputRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Pause: days from today on are credited and not billed until it is resumed, at the latest after 90 da."""
        return self._client.send(prepared('POST', f"/v1/subscriptions/{id}/pause", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def preview(self, id: str, body: SubscriptionChangeRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Preview:
        """Preview a change: what PATCH with this body would bill now, and what comes next."""
        return self._client.send(prepared('POST', f"/v1/subscriptions/{id}/preview", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def resume(self, id: str, body: ResumeInputRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Resume: the rest of the period is billed from today on; the anchor stays."""
        return self._client.send(prepared('POST', f"/v1/subscriptions/{id}/resume", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_scheduled_change(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take back the change that waits for the end of the period."""
        return self._client.send(prepared('DELETE', f"/v1/subscriptions/{id}/scheduled-change", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def uncancel(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take back a cancellation at the end of the period."""
        return self._client.send(prepared('POST', f"/v1/subscriptions/{id}/uncancel", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_usage(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> CurrentUsage:
        """What it has used in its period so far, charge by charge, and what that would cost by now."""
        return self._client.send(prepared('GET', f"/v1/subscriptions/{id}/usage", query={"expand": expand}))  # type: ignore[no-any-return]


class AsyncSubscriptions:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, external_key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, plan_id: str | None = None, status: Literal['TRIAL', 'ACTIVE', 'PAUSED', 'CANCELLED', 'EXPIRED'] | None = None) -> PaginatedSubscriptionList:
        """List subscriptions, newest first."""
        return await self._client.send(prepared('GET', '/v1/subscriptions', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "external_key": external_key, "limit": limit, "metadata": metadata, "plan_id": plan_id, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, external_key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, plan_id: str | None = None, status: Literal['TRIAL', 'ACTIVE', 'PAUSED', 'CANCELLED', 'EXPIRED'] | None = None) -> AsyncIterator[Subscription]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, external_key=external_key, limit=limit, metadata=metadata, plan_id=plan_id, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: SubscriptionInputRequest, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Subscribe an account to a plan: subscription, first invoice and payment attempt are recorded as one."""
        return await self._client.send(prepared('POST', '/v1/subscriptions', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def preview_new(self, body: SubscriptionInputRequest, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Preview:
        """Preview a creation: what it would bill now, and next."""
        return await self._client.send(prepared('POST', '/v1/subscriptions/preview', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> ShownSubscription:
        """Show one subscription."""
        return await self._client.send(prepared('GET', f"/v1/subscriptions/{id}", query={"expand": expand}))  # type: ignore[no-any-return]

    async def update(self, id: str, body: PatchedSubscriptionChangeRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Change plan, version, quantity or metadata: the rest of the period is credited, and charged anew."""
        return await self._client.send(prepared('PATCH', f"/v1/subscriptions/{id}", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def cancel(self, id: str, body: CancellationRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Cancel now, with credit for the unused days unless credit_unused is false, or at the end of the peri."""
        return await self._client.send(prepared('POST', f"/v1/subscriptions/{id}/cancel", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_coupons(self, id: str, coupon_id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take a coupon off: it comes off nothing that is charged from now on; what is billed stays as it is."""
        return await self._client.send(prepared('DELETE', f"/v1/subscriptions/{id}/coupons/{coupon_id}", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_history(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> dict[str, Any]:
        """What happened to it, newest first: each event with the values before and after."""
        return await self._client.send(prepared('GET', f"/v1/subscriptions/{id}/history", query={"expand": expand}))  # type: ignore[no-any-return]

    async def pause(self, id: str, body: PauseInputRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Pause: days from today on are credited and not billed until it is resumed, at the latest after 90 da."""
        return await self._client.send(prepared('POST', f"/v1/subscriptions/{id}/pause", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def preview(self, id: str, body: SubscriptionChangeRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Preview:
        """Preview a change: what PATCH with this body would bill now, and what comes next."""
        return await self._client.send(prepared('POST', f"/v1/subscriptions/{id}/preview", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def resume(self, id: str, body: ResumeInputRequest | None = None, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Resume: the rest of the period is billed from today on; the anchor stays."""
        return await self._client.send(prepared('POST', f"/v1/subscriptions/{id}/resume", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_scheduled_change(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take back the change that waits for the end of the period."""
        return await self._client.send(prepared('DELETE', f"/v1/subscriptions/{id}/scheduled-change", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def uncancel(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreatedSubscription:
        """Take back a cancellation at the end of the period."""
        return await self._client.send(prepared('POST', f"/v1/subscriptions/{id}/uncancel", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_usage(self, id: str, *, expand: List[Literal['plan', 'latest_invoice']] | None = None) -> CurrentUsage:
        """What it has used in its period so far, charge by charge, and what that would cost by now."""
        return await self._client.send(prepared('GET', f"/v1/subscriptions/{id}/usage", query={"expand": expand}))  # type: ignore[no-any-return]
