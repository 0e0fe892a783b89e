"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from typing import Any, Literal

from billing_client.transport import AsyncSends, Sends, prepared


class Analytics:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def churn(self, *, currency: str | None = None, from_: str | None = None, interval: Literal['day', 'month'] | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Show which customers and how much revenue were lost, voluntarily and not, by month or day and curren."""
        return self._client.send(prepared('GET', '/v1/analytics/churn', query={"currency": currency, "from": from_, "interval": interval, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    def csv(self, *, currency: str | None = None, from_: str | None = None, interval: Literal['day', 'month'] | None = None, report: Literal['churn', 'ltv', 'movements', 'mrr', 'recovery', 'revenue', 'usage'] | None = None, test_clock_id: str | None = None, to: str | None = None) -> bytes:
        """Stream a report as CSV; `movements` are those of revenue themselves, one a line, the oldest first."""
        return self._client.send(prepared('GET', '/v1/analytics/export', query={"currency": currency, "from": from_, "interval": interval, "report": report, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    def ltv(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Estimate what a customer is worth, by currency, from the churn of the months asked for."""
        return self._client.send(prepared('GET', '/v1/analytics/ltv', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    def mrr(self, *, currency: str | None = None, from_: str | None = None, interval: Literal['day', 'month'] | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Show how monthly recurring revenue moved, by month or day and currency, from its first movement on."""
        return self._client.send(prepared('GET', '/v1/analytics/mrr', query={"currency": currency, "from": from_, "interval": interval, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    def recovery(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Sum up what failed and what was recovered, by month, currency, reason and what recovered it."""
        return self._client.send(prepared('GET', '/v1/analytics/recovery', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    def recovery_csv(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> bytes:
        """Stream the report of recovery as CSV, as `/analytics/export?report=recovery` does."""
        return self._client.send(prepared('GET', '/v1/analytics/recovery/export', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    def revenue(self, *, currency: str | None = None, from_: str | None = None, interval: Literal['day', 'month'] | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Show what the books say by month or day and currency: invoiced, collected, given back, earned, owed."""
        return self._client.send(prepared('GET', '/v1/analytics/revenue', query={"currency": currency, "from": from_, "interval": interval, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    def usage(self, *, currency: str | None = None, from_: str | None = None, interval: Literal['day', 'month'] | None = None, metric: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Sum up usage by month or day and metric, of all accounts; what was voided is left out."""
        return self._client.send(prepared('GET', '/v1/analytics/usage', query={"currency": currency, "from": from_, "interval": interval, "metric": metric, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]


class AsyncAnalytics:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def churn(self, *, currency: str | None = None, from_: str | None = None, interval: Literal['day', 'month'] | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Show which customers and how much revenue were lost, voluntarily and not, by month or day and curren."""
        return await self._client.send(prepared('GET', '/v1/analytics/churn', query={"currency": currency, "from": from_, "interval": interval, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    async def csv(self, *, currency: str | None = None, from_: str | None = None, interval: Literal['day', 'month'] | None = None, report: Literal['churn', 'ltv', 'movements', 'mrr', 'recovery', 'revenue', 'usage'] | None = None, test_clock_id: str | None = None, to: str | None = None) -> bytes:
        """Stream a report as CSV; `movements` are those of revenue themselves, one a line, the oldest first."""
        return await self._client.send(prepared('GET', '/v1/analytics/export', query={"currency": currency, "from": from_, "interval": interval, "report": report, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    async def ltv(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Estimate what a customer is worth, by currency, from the churn of the months asked for."""
        return await self._client.send(prepared('GET', '/v1/analytics/ltv', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    async def mrr(self, *, currency: str | None = None, from_: str | None = None, interval: Literal['day', 'month'] | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Show how monthly recurring revenue moved, by month or day and currency, from its first movement on."""
        return await self._client.send(prepared('GET', '/v1/analytics/mrr', query={"currency": currency, "from": from_, "interval": interval, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    async def recovery(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Sum up what failed and what was recovered, by month, currency, reason and what recovered it."""
        return await self._client.send(prepared('GET', '/v1/analytics/recovery', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    async def recovery_csv(self, *, currency: str | None = None, from_: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> bytes:
        """Stream the report of recovery as CSV, as `/analytics/export?report=recovery` does."""
        return await self._client.send(prepared('GET', '/v1/analytics/recovery/export', query={"currency": currency, "from": from_, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    async def revenue(self, *, currency: str | None = None, from_: str | None = None, interval: Literal['day', 'month'] | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Show what the books say by month or day and currency: invoiced, collected, given back, earned, owed."""
        return await self._client.send(prepared('GET', '/v1/analytics/revenue', query={"currency": currency, "from": from_, "interval": interval, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]

    async def usage(self, *, currency: str | None = None, from_: str | None = None, interval: Literal['day', 'month'] | None = None, metric: str | None = None, test_clock_id: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Sum up usage by month or day and metric, of all accounts; what was voided is left out."""
        return await self._client.send(prepared('GET', '/v1/analytics/usage', query={"currency": currency, "from": from_, "interval": interval, "metric": metric, "test_clock_id": test_clock_id, "to": to}))  # type: ignore[no-any-return]
