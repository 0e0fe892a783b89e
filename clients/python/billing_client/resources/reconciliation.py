"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List, Literal

from billing_client.models import (
    AssignInputRequest,
    DismissInputRequest,
    PaginatedReconciliationDifferenceList,
    ReconciliationDifference,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Reconciliation:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list_differences(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, kind: Literal['charge_not_recorded', 'charge_unknown', 'payment_not_at_gateway', 'amount_differs', 'refunds_differ', 'disputes_differ', 'clearing_differs', 'transfer_unmatched'] | None = None, limit: int | None = None, status: Literal['OPEN', 'RESOLVED', 'DISMISSED'] | None = None) -> PaginatedReconciliationDifferenceList:
        """List reconciliation differences, newest first."""
        return self._client.send(prepared('GET', '/v1/reconciliation/differences', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "kind": kind, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    def all_differences(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, kind: Literal['charge_not_recorded', 'charge_unknown', 'payment_not_at_gateway', 'amount_differs', 'refunds_differ', 'disputes_differ', 'clearing_differs', 'transfer_unmatched'] | None = None, limit: int | None = None, status: Literal['OPEN', 'RESOLVED', 'DISMISSED'] | None = None) -> Iterator[ReconciliationDifference]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_differences(account_id=account_id, created_after=created_after, created_before=created_before, kind=kind, limit=limit, status=status, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def get_differences(self, id: str) -> ReconciliationDifference:
        """Show one reconciliation difference."""
        return self._client.send(prepared('GET', f"/v1/reconciliation/differences/{id}"))  # type: ignore[no-any-return]

    def differences_apply(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Do what `fix` proposes; LOOK_AGAIN leaves it open until the next look finds that both sides agree."""
        return self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/apply", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def differences_assign(self, id: str, body: AssignInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Record a bank transfer that named nobody: for an invoice, or an account's oldest due first."""
        return self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/assign", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def differences_dismiss(self, id: str, body: DismissInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Nothing is to be done, for this reason; it comes back when an amount changes."""
        return self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/dismiss", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncReconciliation:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list_differences(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, kind: Literal['charge_not_recorded', 'charge_unknown', 'payment_not_at_gateway', 'amount_differs', 'refunds_differ', 'disputes_differ', 'clearing_differs', 'transfer_unmatched'] | None = None, limit: int | None = None, status: Literal['OPEN', 'RESOLVED', 'DISMISSED'] | None = None) -> PaginatedReconciliationDifferenceList:
        """List reconciliation differences, newest first."""
        return await self._client.send(prepared('GET', '/v1/reconciliation/differences', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "kind": kind, "limit": limit, "status": status}))  # type: ignore[no-any-return]

    async def all_differences(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, kind: Literal['charge_not_recorded', 'charge_unknown', 'payment_not_at_gateway', 'amount_differs', 'refunds_differ', 'disputes_differ', 'clearing_differs', 'transfer_unmatched'] | None = None, limit: int | None = None, status: Literal['OPEN', 'RESOLVED', 'DISMISSED'] | None = None) -> AsyncIterator[ReconciliationDifference]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_differences(account_id=account_id, created_after=created_after, created_before=created_before, kind=kind, limit=limit, status=status, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def get_differences(self, id: str) -> ReconciliationDifference:
        """Show one reconciliation difference."""
        return await self._client.send(prepared('GET', f"/v1/reconciliation/differences/{id}"))  # type: ignore[no-any-return]

    async def differences_apply(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Do what `fix` proposes; LOOK_AGAIN leaves it open until the next look finds that both sides agree."""
        return await self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/apply", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def differences_assign(self, id: str, body: AssignInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Record a bank transfer that named nobody: for an invoice, or an account's oldest due first."""
        return await self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/assign", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def differences_dismiss(self, id: str, body: DismissInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> ReconciliationDifference:
        """Nothing is to be done, for this reason; it comes back when an amount changes."""
        return await self._client.send(prepared('POST', f"/v1/reconciliation/differences/{id}/dismiss", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
