"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from billing_client.models import (
    BankStatement,
    StatementInputRequest,
)
from billing_client.transport import AsyncSends, Sends, prepared


class BankStatements:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def create(self, body: StatementInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> BankStatement:
        """Record a statement."""
        return self._client.send(prepared('POST', '/v1/bank-statements', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]


class AsyncBankStatements:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def create(self, body: StatementInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> BankStatement:
        """Record a statement."""
        return await self._client.send(prepared('POST', '/v1/bank-statements', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]
