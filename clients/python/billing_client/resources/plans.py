"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import List

from billing_client.models import (
    PaginatedPlanList,
    PaginatedPlanVersionList,
    PatchedPlanChangeRequest,
    Plan,
    PlanInputRequest,
    PlanVersion,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Plans:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list(self, *, active: bool | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, id: str | None = None, key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> PaginatedPlanList:
        """List plans, newest first."""
        return self._client.send(prepared('GET', '/v1/plans', query={"active": active, "created_after": created_after, "created_before": created_before, "cursor": cursor, "id": id, "key": key, "limit": limit, "metadata": metadata}))  # type: ignore[no-any-return]

    def all(self, *, active: bool | None = None, created_after: str | None = None, created_before: str | None = None, id: str | None = None, key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> Iterator[Plan]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(active=active, created_after=created_after, created_before=created_before, id=id, key=key, limit=limit, metadata=metadata, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, body: PlanInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Plan:
        """Create a plan from one document; every problem in it is reported at once."""
        return self._client.send(prepared('POST', '/v1/plans', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def get(self, id: str) -> Plan:
        """Show one plan."""
        return self._client.send(prepared('GET', f"/v1/plans/{id}"))  # type: ignore[no-any-return]

    def update(self, id: str, body: PatchedPlanChangeRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Plan:
        """Change a plan; new terms or prices make a new version."""
        return self._client.send(prepared('PATCH', f"/v1/plans/{id}", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Sell a plan no more."""
        return self._client.send(prepared('DELETE', f"/v1/plans/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    def list_versions(self, plan_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedPlanVersionList:
        """List plan versions, newest first."""
        return self._client.send(prepared('GET', f"/v1/plans/{plan_id}/versions", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    def all_versions(self, plan_id: str, *, limit: int | None = None) -> Iterator[PlanVersion]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_versions(plan_id, limit=limit, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


class AsyncPlans:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list(self, *, active: bool | None = None, created_after: str | None = None, created_before: str | None = None, cursor: str | None = None, id: str | None = None, key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> PaginatedPlanList:
        """List plans, newest first."""
        return await self._client.send(prepared('GET', '/v1/plans', query={"active": active, "created_after": created_after, "created_before": created_before, "cursor": cursor, "id": id, "key": key, "limit": limit, "metadata": metadata}))  # type: ignore[no-any-return]

    async def all(self, *, active: bool | None = None, created_after: str | None = None, created_before: str | None = None, id: str | None = None, key: str | None = None, limit: int | None = None, metadata: dict[str, str] | None = None) -> AsyncIterator[Plan]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(active=active, created_after=created_after, created_before=created_before, id=id, key=key, limit=limit, metadata=metadata, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def create(self, body: PlanInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Plan:
        """Create a plan from one document; every problem in it is reported at once."""
        return await self._client.send(prepared('POST', '/v1/plans', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def get(self, id: str) -> Plan:
        """Show one plan."""
        return await self._client.send(prepared('GET', f"/v1/plans/{id}"))  # type: ignore[no-any-return]

    async def update(self, id: str, body: PatchedPlanChangeRequest | None = None, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Plan:
        """Change a plan; new terms or prices make a new version."""
        return await self._client.send(prepared('PATCH', f"/v1/plans/{id}", body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete(self, id: str, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Sell a plan no more."""
        return await self._client.send(prepared('DELETE', f"/v1/plans/{id}", idempotency_key=idempotency_key, if_match=if_match, wait=wait))

    async def list_versions(self, plan_id: str, *, cursor: str | None = None, limit: int | None = None) -> PaginatedPlanVersionList:
        """List plan versions, newest first."""
        return await self._client.send(prepared('GET', f"/v1/plans/{plan_id}/versions", query={"cursor": cursor, "limit": limit}))  # type: ignore[no-any-return]

    async def all_versions(self, plan_id: str, *, limit: int | None = None) -> AsyncIterator[PlanVersion]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_versions(plan_id, limit=limit, cursor=cursor)
            for each in page["data"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return
