"""The two clients. What they can do is generated from the API's document: `resources.py`."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import httpx

from billing_client import transport
from billing_client.resources import AsyncResources, Resources
from billing_client.transport import Call

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
RETRIES = 5


class Billing(Resources):
    """The API, blocking. Safe to share between threads. `transport` is httpx's, for tests and proxies."""

    def __init__(
        self,
        api_key: str,
        base_url: str = "http://127.0.0.1:18080",
        *,
        retries: int = RETRIES,
        timeout: httpx.Timeout | float = TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}"}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=timeout, transport=transport)
        self._retries = retries
        super().__init__(self)

    def send(self, call: Call) -> Any:
        """Make a call, again where that may help, and give what was answered."""
        attempt = 0
        while True:
            response: httpx.Response | None = None
            try:
                response = self._http.request(call.method, call.path, **transport.arguments(call))
            except httpx.TransportError as error:
                pause = transport.again(None, attempt, self._retries)
                if pause is None:
                    raise transport.failed(error, call) from error
            else:
                pause = transport.again(response, attempt, self._retries)
                if pause is None:
                    return transport.content(response)
            attempt += 1
            time.sleep(pause)

    def stream(self, *, after: int | None = None, types: str | None = None) -> Iterator[dict[str, Any]]:
        """Events as they happen, for ever. A connection that ends is made again, from where it was."""
        while True:
            query, headers = _stream(after, types)
            try:
                with self._http.stream(
                    "GET", "/v1/events/stream", params=query, headers=headers, timeout=httpx.Timeout(5.0, read=60.0)
                ) as response:
                    if response.status_code >= 400:
                        response.read()
                        transport.content(response)
                    for line in response.iter_lines():
                        if line.startswith("data: "):
                            event = json.loads(line[6:])
                            after = event["position"]
                            yield event
            except httpx.TransportError:
                pass
            time.sleep(1.0)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()


class AsyncBilling(AsyncResources):
    """The API, on an event loop."""

    def __init__(
        self,
        api_key: str,
        base_url: str = "http://127.0.0.1:18080",
        *,
        retries: int = RETRIES,
        timeout: httpx.Timeout | float = TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}"}
        self._http = httpx.AsyncClient(base_url=base_url, headers=headers, timeout=timeout, transport=transport)
        self._retries = retries
        super().__init__(self)

    async def send(self, call: Call) -> Any:
        """Make a call, again where that may help, and give what was answered."""
        attempt = 0
        while True:
            response: httpx.Response | None = None
            try:
                response = await self._http.request(call.method, call.path, **transport.arguments(call))
            except httpx.TransportError as error:
                pause = transport.again(None, attempt, self._retries)
                if pause is None:
                    raise transport.failed(error, call) from error
            else:
                pause = transport.again(response, attempt, self._retries)
                if pause is None:
                    return transport.content(response)
            attempt += 1
            await asyncio.sleep(pause)

    async def stream(self, *, after: int | None = None, types: str | None = None) -> AsyncIterator[dict[str, Any]]:
        """Events as they happen, for ever. A connection that ends is made again, from where it was."""
        while True:
            query, headers = _stream(after, types)
            try:
                async with self._http.stream(
                    "GET", "/v1/events/stream", params=query, headers=headers, timeout=httpx.Timeout(5.0, read=60.0)
                ) as response:
                    if response.status_code >= 400:
                        await response.aread()
                        transport.content(response)
                    async for line in response.aiter_lines():
                        if line.startswith("data: "):
                            event = json.loads(line[6:])
                            after = event["position"]
                            yield event
            except httpx.TransportError:
                pass
            await asyncio.sleep(1.0)

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *args: object) -> None:
        await self.close()


def _stream(after: int | None, types: str | None) -> tuple[dict[str, str], dict[str, str]]:
    headers = {"Accept": "text/event-stream"}
    if after is not None:
        headers["Last-Event-ID"] = str(after)
    return ({"types": types} if types else {}), headers
