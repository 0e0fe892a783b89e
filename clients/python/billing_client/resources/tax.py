"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List, Literal

from billing_client.models import (
    PaginatedRegistrationList,
    PaginatedTaxIdList,
    PaginatedTaxRateList,
    Registration,
    RegistrationInputRequest,
    Seller,
    SellerInputRequest,
    TaxId,
    TaxIdInputRequest,
    TaxRate,
    TaxRateInputRequest,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Tax:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list_ids(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, status: Literal['PENDING', 'VALID', 'INVALID'] | None = None, tax_id: str | None = None) -> PaginatedTaxIdList:
        """List tax ids, newest first."""
        return self._client.send(prepared('GET', '/v1/tax/ids', query={"country": country, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "status": status, "tax_id": tax_id}))  # type: ignore[no-any-return]

    def all_ids(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, status: Literal['PENDING', 'VALID', 'INVALID'] | None = None, tax_id: str | None = None) -> Iterator[TaxId]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_ids(country=country, created_after=created_after, created_before=created_before, limit=limit, status=status, tax_id=tax_id, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create_ids(self, body: TaxIdInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TaxId:
        """Check a VAT number."""
        return self._client.send(prepared('POST', '/v1/tax/ids', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_ids(self, id: str) -> TaxId:
        """Show one tax id."""
        return self._client.send(prepared('GET', f"/v1/tax/ids/{id}"))  # type: ignore[no-any-return]

    def list_rates(self, *, category: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, jurisdiction: str | None = None, limit: int | None = None, valid_on: str | None = None) -> PaginatedTaxRateList:
        """List tax rates, newest first."""
        return self._client.send(prepared('GET', '/v1/tax/rates', query={"category": category, "created_after": created_after, "created_before": created_before, "cursor": cursor, "jurisdiction": jurisdiction, "limit": limit, "valid_on": valid_on}))  # type: ignore[no-any-return]

    def all_rates(self, *, category: str | None = None, created_after: str | None = None, created_before: str | None = None, jurisdiction: str | None = None, limit: int | None = None, valid_on: str | None = None) -> Iterator[TaxRate]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_rates(category=category, created_after=created_after, created_before=created_before, jurisdiction=jurisdiction, limit=limit, valid_on=valid_on, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create_rates(self, body: TaxRateInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TaxRate:
        """Add a rate."""
        return self._client.send(prepared('POST', '/v1/tax/rates', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_rates(self, id: str) -> TaxRate:
        """Show one tax rate."""
        return self._client.send(prepared('GET', f"/v1/tax/rates/{id}"))  # type: ignore[no-any-return]

    def list_registrations(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None) -> PaginatedRegistrationList:
        """List registrations, newest first."""
        return self._client.send(prepared('GET', '/v1/tax/registrations', query={"country": country, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all_registrations(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None) -> Iterator[Registration]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_registrations(country=country, created_after=created_after, created_before=created_before, limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create_registrations(self, body: RegistrationInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Registration:
        """Register in a country from a day on."""
        return self._client.send(prepared('POST', '/v1/tax/registrations', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get_registrations(self, id: str) -> Registration:
        """Show one registration."""
        return self._client.send(prepared('GET', f"/v1/tax/registrations/{id}"))  # type: ignore[no-any-return]

    def get_seller(self) -> Seller:
        """Show one seller."""
        return self._client.send(prepared('GET', '/v1/tax/seller'))  # type: ignore[no-any-return]

    def set_seller(self, body: SellerInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Seller:
        """Say anew who sells."""
        return self._client.send(prepared('PUT', '/v1/tax/seller', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncTax:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list_ids(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None, status: Literal['PENDING', 'VALID', 'INVALID'] | None = None, tax_id: str | None = None) -> PaginatedTaxIdList:
        """List tax ids, newest first."""
        return await self._client.send(prepared('GET', '/v1/tax/ids', query={"country": country, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit, "status": status, "tax_id": tax_id}))  # type: ignore[no-any-return]

    async def all_ids(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None, status: Literal['PENDING', 'VALID', 'INVALID'] | None = None, tax_id: str | None = None) -> AsyncIterator[TaxId]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_ids(country=country, created_after=created_after, created_before=created_before, limit=limit, status=status, tax_id=tax_id, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_ids(self, body: TaxIdInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TaxId:
        """Check a VAT number."""
        return await self._client.send(prepared('POST', '/v1/tax/ids', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_ids(self, id: str) -> TaxId:
        """Show one tax id."""
        return await self._client.send(prepared('GET', f"/v1/tax/ids/{id}"))  # type: ignore[no-any-return]

    async def list_rates(self, *, category: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, jurisdiction: str | None = None, limit: int | None = None, valid_on: str | None = None) -> PaginatedTaxRateList:
        """List tax rates, newest first."""
        return await self._client.send(prepared('GET', '/v1/tax/rates', query={"category": category, "created_after": created_after, "created_before": created_before, "cursor": cursor, "jurisdiction": jurisdiction, "limit": limit, "valid_on": valid_on}))  # type: ignore[no-any-return]

    async def all_rates(self, *, category: str | None = None, created_after: str | None = None, created_before: str | None = None, jurisdiction: str | None = None, limit: int | None = None, valid_on: str | None = None) -> AsyncIterator[TaxRate]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_rates(category=category, created_after=created_after, created_before=created_before, jurisdiction=jurisdiction, limit=limit, valid_on=valid_on, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_rates(self, body: TaxRateInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> TaxRate:
        """Add a rate."""
        return await self._client.send(prepared('POST', '/v1/tax/rates', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_rates(self, id: str) -> TaxRate:
        """Show one tax rate."""
        return await self._client.send(prepared('GET', f"/v1/tax/rates/{id}"))  # type: ignore[no-any-return]

    async def list_registrations(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, limit: int | None = None) -> PaginatedRegistrationList:
        """List registrations, newest first."""
        return await self._client.send(prepared('GET', '/v1/tax/registrations', query={"country": country, "created_after": created_after, "created_before": created_before, "cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all_registrations(self, *, country: str | None = None, created_after: str | None = None, created_before: str | None = None, limit: int | None = None) -> AsyncIterator[Registration]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_registrations(country=country, created_after=created_after, created_before=created_before, limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create_registrations(self, body: RegistrationInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Registration:
        """Register in a country from a day on."""
        return await self._client.send(prepared('POST', '/v1/tax/registrations', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get_registrations(self, id: str) -> Registration:
        """Show one registration."""
        return await self._client.send(prepared('GET', f"/v1/tax/registrations/{id}"))  # type: ignore[no-any-return]

    async def get_seller(self) -> Seller:
        """Show one seller."""
        return await self._client.send(prepared('GET', '/v1/tax/seller'))  # type: ignore[no-any-return]

    async def set_seller(self, body: SellerInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Seller:
        """Say anew who sells."""
        return await self._client.send(prepared('PUT', '/v1/tax/seller', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
