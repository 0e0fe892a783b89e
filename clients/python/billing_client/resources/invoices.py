"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, List, Literal

from billing_client.models import (
    Explanation,
    Invoice,
    Message,
    OneOffInputRequest,
    PaginatedInvoiceList,
    PaginatedUsageEventList,
    PayInputRequest,
    Payment,
    Preview,
    UsageEvent,
    VoidInputRequest,
    VoidedInvoice,
    WriteOffInputRequest,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Invoices:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, due_before: str | None = None, kind: Literal['subscription', 'proration', 'supplemental', 'one_off', 'correction'] | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None, status: Literal['DRAFT', 'OPEN', 'PAID', 'VOID'] | None = None, subscription_id: str | None = None) -> PaginatedInvoiceList:
        """List invoices, newest first."""
        return self._client.send(prepared('GET', '/v1/invoices', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "due_before": due_before, "kind": kind, "limit": limit, "metadata": metadata, "number": number, "status": status, "subscription_id": subscription_id}))  # type: ignore[no-any-return]

    def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, due_before: str | None = None, kind: Literal['subscription', 'proration', 'supplemental', 'one_off', 'correction'] | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None, status: Literal['DRAFT', 'OPEN', 'PAID', 'VOID'] | None = None, subscription_id: str | None = None) -> Iterator[Invoice]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(account_id=account_id, created_after=created_after, created_before=created_before, due_before=due_before, kind=kind, limit=limit, metadata=metadata, number=number, status=status, subscription_id=subscription_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: OneOffInputRequest, *, expand: List[Literal['account']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Invoice something at once: final, numbered and owed, with tax and credit as any other."""
        return self._client.send(prepared('POST', '/v1/invoices', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def export_all(self, *, format: Literal['csv', 'json'] | None = None, created_after: str | None = None, created_before: str | None = None, account_id: str | None = None, subscription_id: str | None = None, status: Literal['DRAFT', 'OPEN', 'PAID', 'VOID'] | None = None, kind: Literal['subscription', 'proration', 'supplemental', 'one_off', 'correction'] | None = None, number: str | None = None, due_before: str | None = None, metadata: dict[str, str] | None = None) -> dict[str, Any] | bytes:
        """Stream the invoices that the filters of the list leave as a file, oldest first."""
        return self._client.send(prepared('GET', '/v1/invoices/export', query={"format": format, "created_after": created_after, "created_before": created_before, "account_id": account_id, "subscription_id": subscription_id, "status": status, "kind": kind, "number": number, "due_before": due_before, "metadata": metadata}))  # type: ignore[no-any-return]

    def get_upcoming(self, *, subscription_id: str | None = None) -> Preview:
        """Show the next invoice of a subscription, as it will be if nothing happens until then."""
        return self._client.send(prepared('GET', '/v1/invoices/upcoming', query={"subscription_id": subscription_id}))  # type: ignore[no-any-return]

    def get(self, id: str, *, expand: List[Literal['account']] | None = None) -> Invoice:
        """Show one invoice."""
        return self._client.send(prepared('GET', f"/v1/invoices/{id}", query={"expand": expand}))  # type: ignore[no-any-return]

    def apply_credit(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Apply credit to an open invoice."""
        return self._client.send(prepared('POST', f"/v1/invoices/{id}/apply-credit", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def explain(self, id: str) -> Explanation:
        """Explain every cent of an invoice."""
        return self._client.send(prepared('GET', f"/v1/invoices/{id}/explain"))  # type: ignore[no-any-return]

    def pay(self, id: str, body: PayInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Payment:
        """Charge what is left of an open invoice now; with `Prefer: wait=N` the answer says how it went."""
        return self._client.send(prepared('POST', f"/v1/invoices/{id}/pay", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_pdf(self, id: str, *, format: Literal['factur-x', 'pdf'] | None = None, expand: List[Literal['account']] | None = None) -> bytes:
        """Show one invoice as its document, a PDF in the language of its account."""
        return self._client.send(prepared('GET', f"/v1/invoices/{id}/pdf", query={"format": format, "expand": expand}))  # type: ignore[no-any-return]

    def usage(self, id: str, *, cursor: str | None = None, limit: int | None = None, line_id: str | None = None) -> PaginatedUsageEventList:
        """List the usage events that an invoice holds."""
        return self._client.send(prepared('GET', f"/v1/invoices/{id}/usage", query={"cursor": cursor, "limit": limit, "line_id": line_id}))  # type: ignore[no-any-return]

    def all_usage(self, id: str, *, limit: int | None = None, line_id: str | None = None) -> Iterator[UsageEvent]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.usage(id, limit=limit, line_id=line_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def void(self, id: str, body: VoidInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> VoidedInvoice:
        """Void an invoice: a corrected one follows at once, or with `replace: false` its days are waived."""
        return self._client.send(prepared('POST', f"/v1/invoices/{id}/void", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def write_off(self, id: str, body: WriteOffInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Write off what is left of an invoice: a loss in the books."""
        return self._client.send(prepared('POST', f"/v1/invoices/{id}/write-off", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_write_off(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Take a write-off back: the invoice is open again."""
        return self._client.send(prepared('DELETE', f"/v1/invoices/{id}/write-off", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_xml(self, id: str, *, format: Literal['cii', 'ubl'] | None = None, expand: List[Literal['account']] | None = None) -> bytes:
        """Export one invoice as e-invoice of EN 16931: XML that other programs book."""
        return self._client.send(prepared('GET', f"/v1/invoices/{id}/xml", query={"format": format, "expand": expand}))  # type: ignore[no-any-return]

    def send(self, invoice_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Message:
        """Send the invoice's document again, to the address the account has now."""
        return self._client.send(prepared('POST', f"/v1/invoices/{invoice_id}/send", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncInvoices:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, due_before: str | None = None, kind: Literal['subscription', 'proration', 'supplemental', 'one_off', 'correction'] | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None, status: Literal['DRAFT', 'OPEN', 'PAID', 'VOID'] | None = None, subscription_id: str | None = None) -> PaginatedInvoiceList:
        """List invoices, newest first."""
        return await self._client.send(prepared('GET', '/v1/invoices', query={"account_id": account_id, "created_after": created_after, "created_before": created_before, "cursor": cursor, "due_before": due_before, "kind": kind, "limit": limit, "metadata": metadata, "number": number, "status": status, "subscription_id": subscription_id}))  # type: ignore[no-any-return]

    async def all(self, *, account_id: str | None = None, created_after: str | None = None, created_before: str | None = None, due_before: str | None = None, kind: Literal['subscription', 'proration', 'supplemental', 'one_off', 'correction'] | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, number: str | None = None, status: Literal['DRAFT', 'OPEN', 'PAID', 'VOID'] | None = None, subscription_id: str | None = None) -> AsyncIterator[Invoice]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(account_id=account_id, created_after=created_after, created_before=created_before, due_before=due_before, kind=kind, limit=limit, metadata=metadata, number=number, status=status, subscription_id=subscription_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: OneOffInputRequest, *, expand: List[Literal['account']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Invoice something at once: final, numbered and owed, with tax and credit as any other."""
        return await self._client.send(prepared('POST', '/v1/invoices', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def export_all(self, *, format: Literal['csv', 'json'] | None = None, created_after: str | None = None, created_before: str | None = None, account_id: str | None = None, subscription_id: str | None = None, status: Literal['DRAFT', 'OPEN', 'PAID', 'VOID'] | None = None, kind: Literal['subscription', 'proration', 'supplemental', 'one_off', 'correction'] | None = None, number: str | None = None, due_before: str | None = None, metadata: dict[str, str] | None = None) -> dict[str, Any] | bytes:
        """Stream the invoices that the filters of the list leave as a file, oldest first."""
        return await self._client.send(prepared('GET', '/v1/invoices/export', query={"format": format, "created_after": created_after, "created_before": created_before, "account_id": account_id, "subscription_id": subscription_id, "status": status, "kind": kind, "number": number, "due_before": due_before, "metadata": metadata}))  # type: ignore[no-any-return]

    async def get_upcoming(self, *, subscription_id: str | None = None) -> Preview:
        """Show the next invoice of a subscription, as it will be if nothing happens until then."""
        return await self._client.send(prepared('GET', '/v1/invoices/upcoming', query={"subscription_id": subscription_id}))  # type: ignore[no-any-return]

    async def get(self, id: str, *, expand: List[Literal['account']] | None = None) -> Invoice:
        """Show one invoice."""
        return await self._client.send(prepared('GET', f"/v1/invoices/{id}", query={"expand": expand}))  # type: ignore[no-any-return]

    async def apply_credit(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Apply credit to an open invoice."""
        return await self._client.send(prepared('POST', f"/v1/invoices/{id}/apply-credit", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def explain(self, id: str) -> Explanation:
        """Explain every cent of an invoice."""
        return await self._client.send(prepared('GET', f"/v1/invoices/{id}/explain"))  # type: ignore[no-any-return]

    async def pay(self, id: str, body: PayInputRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Payment:
        """Charge what is left of an open invoice now; with `Prefer: wait=N` the answer says how it went."""
        return await self._client.send(prepared('POST', f"/v1/invoices/{id}/pay", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_pdf(self, id: str, *, format: Literal['factur-x', 'pdf'] | None = None, expand: List[Literal['account']] | None = None) -> bytes:
        """Show one invoice as its document, a PDF in the language of its account."""
        return await self._client.send(prepared('GET', f"/v1/invoices/{id}/pdf", query={"format": format, "expand": expand}))  # type: ignore[no-any-return]

    async def usage(self, id: str, *, cursor: str | None = None, limit: int | None = None, line_id: str | None = None) -> PaginatedUsageEventList:
        """List the usage events that an invoice holds."""
        return await self._client.send(prepared('GET', f"/v1/invoices/{id}/usage", query={"cursor": cursor, "limit": limit, "line_id": line_id}))  # type: ignore[no-any-return]

    async def all_usage(self, id: str, *, limit: int | None = None, line_id: str | None = None) -> AsyncIterator[UsageEvent]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.usage(id, limit=limit, line_id=line_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def void(self, id: str, body: VoidInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> VoidedInvoice:
        """Void an invoice: a corrected one follows at once, or with `replace: false` its days are waived."""
        return await self._client.send(prepared('POST', f"/v1/invoices/{id}/void", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def write_off(self, id: str, body: WriteOffInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Write off what is left of an invoice: a loss in the books."""
        return await self._client.send(prepared('POST', f"/v1/invoices/{id}/write-off", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_write_off(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Invoice:
        """Take a write-off back: the invoice is open again."""
        return await self._client.send(prepared('DELETE', f"/v1/invoices/{id}/write-off", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_xml(self, id: str, *, format: Literal['cii', 'ubl'] | None = None, expand: List[Literal['account']] | None = None) -> bytes:
        """Export one invoice as e-invoice of EN 16931: XML that other programs book."""
        return await self._client.send(prepared('GET', f"/v1/invoices/{id}/xml", query={"format": format, "expand": expand}))  # type: ignore[no-any-return]

    async def send(self, invoice_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Message:
        """Send the invoice's document again, to the address the account has now."""
        return await self._client.send(prepared('POST', f"/v1/invoices/{invoice_id}/send", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
