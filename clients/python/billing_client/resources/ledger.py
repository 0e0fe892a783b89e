"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from typing import Any

from billing_client.transport import AsyncSends, Sends, prepared


class Ledger:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def list_trial_balance(self) -> dict[str, Any]:
        """All rows at once: there are at most ten a currency."""
        return self._client.send(prepared('GET', '/v1/ledger/trial-balance'))  # type: ignore[no-any-return]


class AsyncLedger:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def list_trial_balance(self) -> dict[str, Any]:
        """All rows at once: there are at most ten a currency."""
        return await self._client.send(prepared('GET', '/v1/ledger/trial-balance'))  # type: ignore[no-any-return]
