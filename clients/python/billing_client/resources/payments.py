"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List, Literal

from billing_client.models import (
    PaginatedPaymentList,
    Payment,
    Refund,
    RefundInputRequest,
    Transfer,
    TransferInputRequest,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Payments:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, invoice_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> PaginatedPaymentList:
        """List payments, newest first."""
        return self._client.send(prepared('GET', '/v1/payments', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "invoice_id": invoice_id, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, invoice_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> Iterator[Payment]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, invoice_id=invoice_id, limit=limit, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: TransferInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Transfer:
        """Record a bank transfer: it pays its invoice, or the oldest due first; what is too much becomes credi."""
        return self._client.send(prepared('POST', '/v1/payments', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> Payment:
        """Show one payment."""
        return self._client.send(prepared('GET', f"/v1/payments/{id}"))  # type: ignore[no-any-return]

    def refunds(self, id: str, body: RefundInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Refund:
        """Give money back, never more than was paid; a credit note of as much is made for the invoice."""
        return self._client.send(prepared('POST', f"/v1/payments/{id}/refunds", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncPayments:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, invoice_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> PaginatedPaymentList:
        """List payments, newest first."""
        return await self._client.send(prepared('GET', '/v1/payments', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "invoice_id": invoice_id, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, invoice_id: str | None = None, limit: int | None = None, status: Literal['PENDING', 'SUCCEEDED', 'FAILED'] | None = None) -> AsyncIterator[Payment]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, invoice_id=invoice_id, limit=limit, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: TransferInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Transfer:
        """Record a bank transfer: it pays its invoice, or the oldest due first; what is too much becomes credi."""
        return await self._client.send(prepared('POST', '/v1/payments', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> Payment:
        """Show one payment."""
        return await self._client.send(prepared('GET', f"/v1/payments/{id}"))  # type: ignore[no-any-return]

    async def refunds(self, id: str, body: RefundInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Refund:
        """Give money back, never more than was paid; a credit note of as much is made for the invoice."""
        return await self._client.send(prepared('POST', f"/v1/payments/{id}/refunds", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
