"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List, Literal

from billing_client.models import (
    CreditNote,
    CreditNoteInputRequest,
    PaginatedCreditNoteList,
)
from billing_client.transport import AsyncSends, Sends, prepared


class CreditNotes:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, invoice_id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None) -> PaginatedCreditNoteList:
        """List credit notes, newest first."""
        return self._client.send(prepared('GET', '/v1/credit-notes', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "invoice_id": invoice_id, "limit": limit, "metadata": metadata, "number": number}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, invoice_id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None) -> Iterator[CreditNote]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, invoice_id=invoice_id, limit=limit, metadata=metadata, number=number, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: CreditNoteInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreditNote:
        """Credit an invoice: its open balance is reduced, the rest becomes the account's credit."""
        return self._client.send(prepared('POST', '/v1/credit-notes', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> CreditNote:
        """Show one credit note."""
        return self._client.send(prepared('GET', f"/v1/credit-notes/{id}"))  # type: ignore[no-any-return]

    def get_pdf(self, id: str) -> bytes:
        """Show one credit note as its document, a PDF in the language of its account."""
        return self._client.send(prepared('GET', f"/v1/credit-notes/{id}/pdf"))  # type: ignore[no-any-return]

    def get_xml(self, id: str, *, format: Literal['cii', 'ubl'] | None = None) -> bytes:
        """Export one credit note as e-invoice of EN 16931, which names the invoice that it credits."""
        return self._client.send(prepared('GET', f"/v1/credit-notes/{id}/xml", query={"format": format}))  # type: ignore[no-any-return]


class AsyncCreditNotes:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, invoice_id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None) -> PaginatedCreditNoteList:
        """List credit notes, newest first."""
        return await self._client.send(prepared('GET', '/v1/credit-notes', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "invoice_id": invoice_id, "limit": limit, "metadata": metadata, "number": number}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, invoice_id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None) -> AsyncIterator[CreditNote]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, invoice_id=invoice_id, limit=limit, metadata=metadata, number=number, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: CreditNoteInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> CreditNote:
        """Credit an invoice: its open balance is reduced, the rest becomes the account's credit."""
        return await self._client.send(prepared('POST', '/v1/credit-notes', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> CreditNote:
        """Show one credit note."""
        return await self._client.send(prepared('GET', f"/v1/credit-notes/{id}"))  # type: ignore[no-any-return]

    async def get_pdf(self, id: str) -> bytes:
        """Show one credit note as its document, a PDF in the language of its account."""
        return await self._client.send(prepared('GET', f"/v1/credit-notes/{id}/pdf"))  # type: ignore[no-any-return]

    async def get_xml(self, id: str, *, format: Literal['cii', 'ubl'] | None = None) -> bytes:
        """Export one credit note as e-invoice of EN 16931, which names the invoice that it credits."""
        return await self._client.send(prepared('GET', f"/v1/credit-notes/{id}/xml", query={"format": format}))  # type: ignore[no-any-return]
