"""Usage in batches: many events a request, each counted once however often it has to be sent."""

import asyncio
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from billing_client.client import AsyncBilling, Billing

MOST = 10_000
Refused = Callable[[dict[str, Any], dict[str, Any]], object]
"""Called with an event and why it was refused."""


def completed(event: dict[str, Any]) -> dict[str, Any]:
    """The event with a key of its own and the time at which it was given, unless it says both."""
    made = {"idempotency_key": str(uuid.uuid4()), "timestamp": datetime.now(UTC).isoformat()}
    return {**made, **event}


class UsageBatcher:
    """`add` events from any thread; they are sent when there are `size` of them, or after `seconds`.

    What could not be sent stays and is sent with the next; close it (or use `with`) to send the rest.
    """

    def __init__(
        self, client: Billing, *, size: int = 1000, seconds: float = 5.0, refused: Refused | None = None
    ) -> None:
        self._client, self._size, self._refused = client, min(size, MOST), refused
        self._waiting: list[dict[str, Any]] = []
        self._lock, self._sending = threading.Lock(), threading.Lock()
        self._full, self._closing, self._seconds = threading.Event(), False, seconds
        self._thread = threading.Thread(target=self._run, name="usage", daemon=True)
        self._thread.start()

    def add(self, **event: Any) -> None:
        """Have an event sent: subscription_id or subscription_external_key, metric, quantity, ..."""
        with self._lock:
            self._waiting.append(completed(event))
            if len(self._waiting) >= self._size:
                self._full.set()

    def flush(self) -> int:
        """Send what waits, now; returns how many were taken."""
        with self._sending:
            taken = 0
            while batch := self._batch():
                answer = self._client.usage.batch(batch)
                _tell(self._refused, batch, answer)
                with self._lock:
                    del self._waiting[: len(batch)]
                taken += answer["accepted"] + answer["duplicates"]
            return taken

    def close(self) -> None:
        """Send the rest, and end."""
        self._closing = True
        self._full.set()
        self._thread.join()
        self.flush()

    def __enter__(self) -> "UsageBatcher":
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def _batch(self) -> list[dict[str, Any]]:
        with self._lock:
            return self._waiting[: self._size]

    def _run(self) -> None:
        while not self._closing:
            self._full.wait(self._seconds)
            self._full.clear()
            try:
                self.flush()
            except Exception:  # noqa: BLE001, S110 - it stays, and is sent with the next
                pass


class AsyncUsageBatcher:
    """The same on an event loop."""

    def __init__(
        self, client: AsyncBilling, *, size: int = 1000, seconds: float = 5.0, refused: Refused | None = None
    ) -> None:
        self._client, self._size, self._seconds, self._refused = client, min(size, MOST), seconds, refused
        self._waiting: list[dict[str, Any]] = []
        self._full, self._sending = asyncio.Event(), asyncio.Lock()
        self._task = asyncio.create_task(self._run())

    def add(self, **event: Any) -> None:
        """Have an event sent."""
        self._waiting.append(completed(event))
        if len(self._waiting) >= self._size:
            self._full.set()

    async def flush(self) -> int:
        """Send what waits, now; returns how many were taken."""
        async with self._sending:
            taken = 0
            while batch := self._waiting[: self._size]:
                answer = await self._client.usage.batch(batch)
                _tell(self._refused, batch, answer)
                del self._waiting[: len(batch)]
                taken += answer["accepted"] + answer["duplicates"]
            return taken

    async def close(self) -> None:
        """Send the rest, and end."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.flush()

    async def __aenter__(self) -> "AsyncUsageBatcher":
        return self

    async def __aexit__(self, *args: object) -> None:
        await self.close()

    async def _run(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._full.wait(), self._seconds)
            except TimeoutError:
                pass
            self._full.clear()
            try:
                await self.flush()
            except Exception:  # noqa: BLE001, S110 - it stays, and is sent with the next
                pass


def _tell(refused: Refused | None, batch: list[dict[str, Any]], answer: Any) -> None:
    for fault in answer["errors"] if refused is not None else ():
        refused(batch[fault["index"]], fault)  # type: ignore[misc]
