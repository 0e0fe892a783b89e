"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List

from billing_client.models import (
    Coupon,
    CouponInputRequest,
    PaginatedCouponList,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Coupons:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, active: bool | None = None, code: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> PaginatedCouponList:
        """List coupons, newest first."""
        return self._client.send(prepared('GET', '/v1/coupons', query={"active": active, "code": code, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "metadata": metadata}))  # type: ignore[no-any-return]

    def all(self, *, active: bool | None = None, code: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> Iterator[Coupon]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(active=active, code=code, created_after=created_after, created_before=created_before, limit=limit, metadata=metadata, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: CouponInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Coupon:
        """Make a coupon: so many percent, or an amount of one currency; once, for some periods, or for ever."""
        return self._client.send(prepared('POST', '/v1/coupons', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> Coupon:
        """Show one coupon."""
        return self._client.send(prepared('GET', f"/v1/coupons/{id}"))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """End a coupon: nobody can take it any more; where it is attached it goes on."""
        return self._client.send(prepared('DELETE', f"/v1/coupons/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))


class AsyncCoupons:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, active: bool | None = None, code: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> PaginatedCouponList:
        """List coupons, newest first."""
        return await self._client.send(prepared('GET', '/v1/coupons', query={"active": active, "code": code, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "metadata": metadata}))  # type: ignore[no-any-return]

    async def all(self, *, active: bool | None = None, code: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> AsyncIterator[Coupon]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(active=active, code=code, created_after=created_after, created_before=created_before, limit=limit, metadata=metadata, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: CouponInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Coupon:
        """Make a coupon: so many percent, or an amount of one currency; once, for some periods, or for ever."""
        return await self._client.send(prepared('POST', '/v1/coupons', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> Coupon:
        """Show one coupon."""
        return await self._client.send(prepared('GET', f"/v1/coupons/{id}"))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """End a coupon: nobody can take it any more; where it is attached it goes on."""
        return await self._client.send(prepared('DELETE', f"/v1/coupons/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))
