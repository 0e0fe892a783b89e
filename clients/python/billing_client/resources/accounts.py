"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, List, Literal

from billing_client.models import (
    Access,
    Account,
    AccountExport,
    AccountInputRequest,
    Balance,
    Credit,
    DeletedAccount,
    DunningStep,
    Hold,
    HoldInputRequest,
    PaginatedAccountList,
    PaginatedCreditList,
    PaginatedDunningStepList,
    PaginatedPaymentMethodList,
    PatchedAccountChangeRequest,
    PaymentMethod,
    PaymentMethodInputRequest,
    Statement,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Accounts:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, created_after: str | None = None, created_before: str | None = None, currency: str | None = None, cursor: str | None = None, deleted: bool | None = None, email: str | None = None, external_key: str | None = None, id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, overdue_status: Literal['CURRENT', 'WARNING', 'BLOCKED'] | None = None, test_clock_id: str | None = None) -> PaginatedAccountList:
        """List accounts, newest first."""
        return self._client.send(prepared('GET', '/v1/accounts', query={"created_after": created_after, "created_before": created_before, "currency": currency, "cursor": cursor, "deleted": deleted, "email": email, "external_key": external_key, "id": id, "limit": limit, "metadata": metadata, "overdue_status": overdue_status, "test_clock_id": test_clock_id}))  # type: ignore[no-any-return]

    def all(self, *, created_after: str | None = None, created_before: str | None = None, currency: str | None = None, deleted: bool | None = None, email: str | None = None, external_key: str | None = None, id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, overdue_status: Literal['CURRENT', 'WARNING', 'BLOCKED'] | None = None, test_clock_id: str | None = None) -> Iterator[Account]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(created_after=created_after, created_before=created_before, currency=currency, deleted=deleted, email=email, external_key=external_key, id=id, limit=limit, metadata=metadata, overdue_status=overdue_status, test_clock_id=test_clock_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: AccountInputRequest, *, expand: List[Literal['latest_invoice', 'default_payment_method']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Account:
        """Create an account; email and name are enough."""
        return self._client.send(prepared('POST', '/v1/accounts', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def export_all(self, *, format: Literal['csv', 'json'] | None = None, created_after: str | None = None, created_before: str | None = None, id: str | None = None, deleted: bool | None = None, email: str | None = None, external_key: str | None = None, currency: str | None = None, overdue_status: Literal['CURRENT', 'WARNING', 'BLOCKED'] | None = None, test_clock_id: str | None = None, metadata: dict[str, str] | None = None) -> dict[str, Any] | bytes:
        """Stream the accounts that the filters of the list leave as a file, oldest first."""
        return self._client.send(prepared('GET', '/v1/accounts/export', query={"format": format, "created_after": created_after, "created_before": created_before, "id": id, "deleted": deleted, "email": email, "external_key": external_key, "currency": currency, "overdue_status": overdue_status, "test_clock_id": test_clock_id, "metadata": metadata}))  # type: ignore[no-any-return]

    def get_access(self, account_id: str, *, feature: str | None = None) -> Access:
        """Say whether an account may use what it pays for, or one feature of it."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/access", query={"feature": feature}))  # type: ignore[no-any-return]

    def get_balance(self, account_id: str) -> Balance:
        """Open, overdue and credit, summed from rows."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/balance"))  # type: ignore[no-any-return]

    def list_credits(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedCreditList:
        """List credits, newest first."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/credits", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all_credits(self, account_id: str, *, limit: int | None = None) -> Iterator[Credit]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_credits(account_id, limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def set_dispute_hold(self, account_id: str, body: HoldInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Hold:
        """Hold dunning: days do not count and nobody is reminded until it is released."""
        return self._client.send(prepared('PUT', f"/v1/accounts/{account_id}/dispute-hold", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_dispute_hold(self, account_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Release it: dunning goes on from the day on which it was held."""
        return self._client.send(prepared('DELETE', f"/v1/accounts/{account_id}/dispute-hold", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    def list_dunning_history(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedDunningStepList:
        """List dunning steps, newest first."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/dunning-history", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all_dunning_history(self, account_id: str, *, limit: int | None = None) -> Iterator[DunningStep]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_dunning_history(account_id, limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def list_payment_methods(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedPaymentMethodList:
        """List payment methods, newest first."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/payment-methods", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all_payment_methods(self, account_id: str, *, limit: int | None = None) -> Iterator[PaymentMethod]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_payment_methods(account_id, limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create_payment_methods(self, account_id: str, body: PaymentMethodInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PaymentMethod:
        """Verify and attach a payment method; the gateway is asked within this request."""
        return self._client.send(prepared('POST', f"/v1/accounts/{account_id}/payment-methods", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_payment_methods(self, account_id: str, method_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Detach a payment method."""
        return self._client.send(prepared('DELETE', f"/v1/accounts/{account_id}/payment-methods/{method_id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    def payment_methods_default(self, account_id: str, method_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PaymentMethod:
        """Make this the method that is charged."""
        return self._client.send(prepared('POST', f"/v1/accounts/{account_id}/payment-methods/{method_id}/default", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_statement(self, account_id: str, *, from_: str | None = None, to: str | None = None) -> Statement:
        """Invoices, payments and credits in order, with the balance after each."""
        return self._client.send(prepared('GET', f"/v1/accounts/{account_id}/statement", query={"from": from_, "to": to}))  # type: ignore[no-any-return]

    def get(self, id: str, *, expand: List[Literal['latest_invoice', 'default_payment_method']] | None = None) -> Account:
        """Show one account."""
        return self._client.send(prepared('GET', f"/v1/accounts/{id}", query={"expand": expand}))  # type: ignore[no-any-return]

    def update(self, id: str, body: PatchedAccountChangeRequest | None = None, *, expand: List[Literal['latest_invoice', 'default_payment_method']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Account:
        """Change an account; a new time zone counts from the next period, the currency never changes."""
        return self._client.send(prepared('PATCH', f"/v1/accounts/{id}", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete(self, id: str, *, expand: List[Literal['latest_invoice', 'default_payment_method']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> DeletedAccount:
        """Delete an account to which nothing is sold any more; refused while anything is not settled."""
        return self._client.send(prepared('DELETE', f"/v1/accounts/{id}", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_export(self, id: str) -> AccountExport:
        """Stream all that is held about an account as one JSON document."""
        return self._client.send(prepared('GET', f"/v1/accounts/{id}/export"))  # type: ignore[no-any-return]


class AsyncAccounts:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, created_after: str | None = None, created_before: str | None = None, currency: str | None = None, cursor: str | None = None, deleted: bool | None = None, email: str | None = None, external_key: str | None = None, id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, overdue_status: Literal['CURRENT', 'WARNING', 'BLOCKED'] | None = None, test_clock_id: str | None = None) -> PaginatedAccountList:
        """List accounts, newest first."""
        return await self._client.send(prepared('GET', '/v1/accounts', query={"created_after": created_after, "created_before": created_before, "currency": currency, "cursor": cursor, "deleted": deleted, "email": email, "external_key": external_key, "id": id, "limit": limit, "metadata": metadata, "overdue_status": overdue_status, "test_clock_id": test_clock_id}))  # type: ignore[no-any-return]

    async def all(self, *, created_after: str | None = None, created_before: str | None = None, currency: str | None = None, deleted: bool | None = None, email: str | None = None, external_key: str | None = None, id: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None, overdue_status: Literal['CURRENT', 'WARNING', 'BLOCKED'] | None = None, test_clock_id: str | None = None) -> AsyncIterator[Account]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(created_after=created_after, created_before=created_before, currency=currency, deleted=deleted, email=email, external_key=external_key, id=id, limit=limit, metadata=metadata, overdue_status=overdue_status, test_clock_id=test_clock_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: AccountInputRequest, *, expand: List[Literal['latest_invoice', 'default_payment_method']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Account:
        """Create an account; email and name are enough."""
        return await self._client.send(prepared('POST', '/v1/accounts', query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def export_all(self, *, format: Literal['csv', 'json'] | None = None, created_after: str | None = None, created_before: str | None = None, id: str | None = None, deleted: bool | None = None, email: str | None = None, external_key: str | None = None, currency: str | None = None, overdue_status: Literal['CURRENT', 'WARNING', 'BLOCKED'] | None = None, test_clock_id: str | None = None, metadata: dict[str, str] | None = None) -> dict[str, Any] | bytes:
        """Stream the accounts that the filters of the list leave as a file, oldest first."""
        return await self._client.send(prepared('GET', '/v1/accounts/export', query={"format": format, "created_after": created_after, "created_before": created_before, "id": id, "deleted": deleted, "email": email, "external_key": external_key, "currency": currency, "overdue_status": overdue_status, "test_clock_id": test_clock_id, "metadata": metadata}))  # type: ignore[no-any-return]

    async def get_access(self, account_id: str, *, feature: str | None = None) -> Access:
        """Say whether an account may use what it pays for, or one feature of it."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/access", query={"feature": feature}))  # type: ignore[no-any-return]

    async def get_balance(self, account_id: str) -> Balance:
        """Open, overdue and credit, summed from rows."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/balance"))  # type: ignore[no-any-return]

    async def list_credits(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedCreditList:
        """List credits, newest first."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/credits", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all_credits(self, account_id: str, *, limit: int | None = None) -> AsyncIterator[Credit]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_credits(account_id, limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def set_dispute_hold(self, account_id: str, body: HoldInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Hold:
        """Hold dunning: days do not count and nobody is reminded until it is released."""
        return await self._client.send(prepared('PUT', f"/v1/accounts/{account_id}/dispute-hold", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_dispute_hold(self, account_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Release it: dunning goes on from the day on which it was held."""
        return await self._client.send(prepared('DELETE', f"/v1/accounts/{account_id}/dispute-hold", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    async def list_dunning_history(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedDunningStepList:
        """List dunning steps, newest first."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/dunning-history", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all_dunning_history(self, account_id: str, *, limit: int | None = None) -> AsyncIterator[DunningStep]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_dunning_history(account_id, limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def list_payment_methods(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedPaymentMethodList:
        """List payment methods, newest first."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/payment-methods", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all_payment_methods(self, account_id: str, *, limit: int | None = None) -> AsyncIterator[PaymentMethod]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_payment_methods(account_id, limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_payment_methods(self, account_id: str, body: PaymentMethodInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PaymentMethod:
        """Verify and attach a payment method; the gateway is asked within this request."""
        return await self._client.send(prepared('POST', f"/v1/accounts/{account_id}/payment-methods", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_payment_methods(self, account_id: str, method_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Detach a payment method."""
        return await self._client.send(prepared('DELETE', f"/v1/accounts/{account_id}/payment-methods/{method_id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    async def payment_methods_default(self, account_id: str, method_id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> PaymentMethod:
        """Make this the method that is charged."""
        return await self._client.send(prepared('POST', f"/v1/accounts/{account_id}/payment-methods/{method_id}/default", idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_statement(self, account_id: str, *, from_: str | None = None, to: str | None = None) -> Statement:
        """Invoices, payments and credits in order, with the balance after each."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{account_id}/statement", query={"from": from_, "to": to}))  # type: ignore[no-any-return]

    async def get(self, id: str, *, expand: List[Literal['latest_invoice', 'default_payment_method']] | None = None) -> Account:
        """Show one account."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{id}", query={"expand": expand}))  # type: ignore[no-any-return]

    async def update(self, id: str, body: PatchedAccountChangeRequest | None = None, *, expand: List[Literal['latest_invoice', 'default_payment_method']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Account:
        """Change an account; a new time zone counts from the next period, the currency never changes."""
        return await self._client.send(prepared('PATCH', f"/v1/accounts/{id}", query={"expand": expand}, body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, expand: List[Literal['latest_invoice', 'default_payment_method']] | None = None, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> DeletedAccount:
        """Delete an account to which nothing is sold any more; refused while anything is not settled."""
        return await self._client.send(prepared('DELETE', f"/v1/accounts/{id}", query={"expand": expand}, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_export(self, id: str) -> AccountExport:
        """Stream all that is held about an account as one JSON document."""
        return await self._client.send(prepared('GET', f"/v1/accounts/{id}/export"))  # type: ignore[no-any-return]
