"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from __future__ import annotations

from billing_client.models import (
    Token,
    TokenInputRequest,
)
from billing_client.transport import AsyncSends, Sends, prepared


class Auth:
    def __init__(self, client: Sends) -> None:
        self._client = client

    def token(self, body: TokenInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Token:
        """Sign in by password, go on by refresh token, or make a token that shows one account to its customer."""
        return self._client.send(prepared('POST', '/v1/auth/token', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    def delete_token(self, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Sign out: the sign-in's tokens are refused from now on."""
        return self._client.send(prepared('DELETE', '/v1/auth/token', idempotency_key=idempotency_key, if_match=if_match, wait=wait))


class AsyncAuth:
    def __init__(self, client: AsyncSends) -> None:
        self._client = client

    async def token(self, body: TokenInputRequest, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> Token:
        """Sign in by password, go on by refresh token, or make a token that shows one account to its customer."""
        return await self._client.send(prepared('POST', '/v1/auth/token', body=body, idempotency_key=idempotency_key, if_match=if_match, wait=wait))  # type: ignore[no-any-return]

    async def delete_token(self, *, idempotency_key: str | None = None, if_match: str | None = None, wait: int | None = None) -> None:
        """Sign out: the sign-in's tokens are refused from now on."""
        return await self._client.send(prepared('DELETE', '/v1/auth/token', idempotency_key=idempotency_key, if_match=if_match, wait=wait))
