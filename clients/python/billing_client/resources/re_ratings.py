"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List, Literal

from billing_client.models import (
    PaginatedReratedSubscriptionList,
    PaginatedReratingList,
    RerateInputRequest,
    ReratedSubscription,
    Rerating,
    ShownRerating,
)
from billing_client.transport import AsyncSends, Sends, prepared


class ReRatings:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, plan_id: str | None = None, status: Literal['PREVIEWING', 'PREVIEWED', 'BILLING', 'FINISHED'] | None = None) -> PaginatedReratingList:
        """List reratings, newest first."""
        return self._client.send(prepared('GET', '/v1/re-ratings', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "plan_id": plan_id, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, plan_id: str | None = None, status: Literal['PREVIEWING', 'PREVIEWED', 'BILLING', 'FINISHED'] | None = None) -> Iterator[Rerating]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, limit=limit, plan_id=plan_id, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: RerateInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownRerating:
        """Preview a re-rating."""
        return self._client.send(prepared('POST', '/v1/re-ratings', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> ShownRerating:
        """Show one re-rating with its sums by currency."""
        return self._client.send(prepared('GET', f"/v1/re-ratings/{id}"))  # type: ignore[no-any-return]

    def bill(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownRerating:
        """Bill or credit what a re-rating shows."""
        return self._client.send(prepared('POST', f"/v1/re-ratings/{id}/bill", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def list_subscriptions(self, rerating_id: str, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, failed: bool | None = None, limit: int | None = None, subscription_id: str | None = None) -> PaginatedReratedSubscriptionList:
        """List rerated subscriptions, newest first."""
        return self._client.send(prepared('GET', f"/v1/re-ratings/{rerating_id}/subscriptions", query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "failed": failed, "limit": limit, "subscription_id": subscription_id}))  # type: ignore[no-any-return]

    def all_subscriptions(self, rerating_id: str, *, created_after: str | None = None, created_before: str | None = None, failed: bool | None = None, limit: int | None = None, subscription_id: str | None = None) -> Iterator[ReratedSubscription]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_subscriptions(rerating_id, created_after=created_after, created_before=created_before, failed=failed, limit=limit, subscription_id=subscription_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


class AsyncReRatings:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, plan_id: str | None = None, status: Literal['PREVIEWING', 'PREVIEWED', 'BILLING', 'FINISHED'] | None = None) -> PaginatedReratingList:
        """List reratings, newest first."""
        return await self._client.send(prepared('GET', '/v1/re-ratings', query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "plan_id": plan_id, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, plan_id: str | None = None, status: Literal['PREVIEWING', 'PREVIEWED', 'BILLING', 'FINISHED'] | None = None) -> AsyncIterator[Rerating]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, limit=limit, plan_id=plan_id, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: RerateInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownRerating:
        """Preview a re-rating."""
        return await self._client.send(prepared('POST', '/v1/re-ratings', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> ShownRerating:
        """Show one re-rating with its sums by currency."""
        return await self._client.send(prepared('GET', f"/v1/re-ratings/{id}"))  # type: ignore[no-any-return]

    async def bill(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ShownRerating:
        """Bill or credit what a re-rating shows."""
        return await self._client.send(prepared('POST', f"/v1/re-ratings/{id}/bill", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def list_subscriptions(self, rerating_id: str, *, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, failed: bool | None = None, limit: int | None = None, subscription_id: str | None = None) -> PaginatedReratedSubscriptionList:
        """List rerated subscriptions, newest first."""
        return await self._client.send(prepared('GET', f"/v1/re-ratings/{rerating_id}/subscriptions", query={"created_after": created_after, "created_before": created_before, "cursor": cursor, "failed": failed, "limit": limit, "subscription_id": subscription_id}))  # type: ignore[no-any-return]

    async def all_subscriptions(self, rerating_id: str, *, created_after: str | None = None, created_before: str | None = None, failed: bool | None = None, limit: int | None = None, subscription_id: str | None = None) -> AsyncIterator[ReratedSubscription]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_subscriptions(rerating_id, created_after=created_after, created_before=created_before, failed=failed, limit=limit, subscription_id=subscription_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return
