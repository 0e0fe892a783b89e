"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from typing import Any

from billing_client.transport import AsyncSends, Sends, prepared


class Analytics:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def recovery(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Sum up what failed and what was recovered, by month, currency, reason and what recovered it."""
        return self._client.send(prepared('GET', '/v1/analytics/recovery', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    def recovery_csv(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> bytes:
        """Stream the same as CSV: a line for each month, currency, reason and what recovered it."""
        return self._client.send(prepared('GET', '/v1/analytics/recovery/export', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]


class AsyncAnalytics:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def recovery(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Sum up what failed and what was recovered, by month, currency, reason and what recovered it."""
        return await self._client.send(prepared('GET', '/v1/analytics/recovery', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    async def recovery_csv(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> bytes:
        """Stream the same as CSV: a line for each month, currency, reason and what recovered it."""
        return await self._client.send(prepared('GET', '/v1/analytics/recovery/export', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]
