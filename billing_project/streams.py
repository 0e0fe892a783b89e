"""GET /v1/events/stream: server-sent events to any number of clients from one loop, without a thread or query for each.

Django answers the request first: who asks, whether they may, and what has happened since the position they name. If
that is an answer of 200, the connection is kept, and one reader serves all of them: it reads new events by position,
which skips nothing, and wakes when Redis says that there are some, or after a second. Whoever is further behind than
what is kept in memory reads rows of its own.
"""

import asyncio
import contextlib
import signal
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import structlog
from django.conf import settings
from django.db import connections
from redis import RedisError
from redis.asyncio import Redis

from apps.events.queries import events_after, last_position
from apps.events.sse import POSITION, TYPES, chunk
from apps.kernel import clock, hints
from apps.kernel.matching import matches

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BEAT_SECONDS = 15.0
"""After so long without an event a comment is sent, so that nothing on the way takes the connection for dead."""
LIFE_SECONDS = 900.0
"""Then a client has to come again with a key that is still good; it goes on from where it was."""
LOOK_SECONDS = 1.0
KEPT = 2000
BATCH = 500
MOST = 2000

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it is sent."""

    position: int
    event_type: str
    text: bytes


class Hub:
    """What all streams of this process share."""

    def __init__(self) -> None:
        self.clients = 0
        self.closing = False
        self._kept: deque[Told] = deque(maxlen=KEPT)
        self._position: int | None = None
        self._news = asyncio.Event()
        self._look = asyncio.Event()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="streams")

    @property
    def full(self) -> bool:
        return self.clients >= MOST or self.closing

    async def go_on(self, start: Message, body: bytes, receive: Receive, send: Send) -> None:
        """Keep the connection after Django's answer, and send what happens from there on."""
        headers = dict(start["headers"])
        position = int(headers[POSITION.encode()])
        patterns = [each for each in headers[TYPES.encode()].decode().split(",") if each]
        hidden = (POSITION.encode(), TYPES.encode(), b"content-length")
        kept = [pair for pair in start["headers"] if pair[0] not in hidden]
        self.clients += 1
        watch = asyncio.create_task(_gone(receive, asyncio.current_task()))
        try:
            await send({**start, "headers": kept})
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await self._follow(position, patterns, send)
            await send({"type": "http.response.body", "body": b""})
        except asyncio.CancelledError:
            if not watch.done():
                raise
        finally:
            self.clients -= 1
            watch.cancel()

    async def keep_reading(self) -> None:
        """Read what is new, as long as somebody listens."""
        while True:
            if self.clients:
                try:
                    await self._read_new()
                except Exception as error:  # noqa: BLE001 - a database that is away comes back
                    logger.warning("stream_unread", reason=f"{type(error).__name__}: {error}")
            else:
                # What happens meanwhile is read by those who come.
                self._position = None
                self._kept.clear()
            self._look.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look.wait()

    async def keep_listening(self) -> None:
        """Hear from Redis that there is something new. Without it a second passes, and that is all."""
        while True:
            try:
                async with Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as channel:
                    await channel.subscribe(hints.named("events:positions"))
                    async for _ in channel.listen():
                        self._look.set()
            except (RedisError, OSError):
                await asyncio.sleep(LOOK_SECONDS)

    def close(self) -> None:
        """Let all clients go: they come again, to another process."""
        self.closing = True
        self._wake()

    async def _follow(self, position: int, patterns: Sequence[str], send: Send) -> None:
        until = clock.monotonic() + LIFE_SECONDS
        while not self.closing and clock.monotonic() < until:
            news = self._news
            found = await self._after(position)
            if not found:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_SECONDS):
                        await news.wait()
                        continue
                await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
                continue
            position = found[-1].position
            text = b"".join(each.text for each in found if not patterns or matches(patterns, each.event_type))
            if text:
                await send({"type": "http.response.body", "body": text, "more_body": True})

    async def _after(self, position: int) -> Sequence[Told]:
        """What comes after a position: from memory, or from the database for who is further behind."""
        if self._position is not None and position >= self._position:
            return ()
        if self._kept and self._kept[0].position <= position + 1:
            # Positions have no gap: the place of the next one is known.
            return list(islice(self._kept, position + 1 - self._kept[0].position, None))
        return await self._rows(position)

    async def _read_new(self) -> None:
        if self._position is None:
            # Nobody has listened until now: those who do read for themselves up to here.
            self._position = await asyncio.get_running_loop().run_in_executor(self._reader, last_read)
            self._wake()
        while found := await self._rows(self._position):
            self._kept.extend(found)
            self._position = found[-1].position
            self._wake()

    async def _rows(self, position: int) -> Sequence[Told]:
        return await asyncio.get_running_loop().run_in_executor(self._reader, _read, position)

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def last_read() -> int:
    """In the reader's thread: the highest position."""
    try:
        return last_position()
    finally:
        connections.close_all()


def _read(position: int) -> Sequence[Told]:
    """In the reader's thread."""
    try:
        return [Told(event.position or 0, event.event_type, chunk(event)) for event in events_after(position, BATCH)]
    finally:
        connections.close_all()


async def _gone(receive: Receive, client: "asyncio.Task[Any] | None") -> None:
    """Break off when the client goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass
    if client is not None:
        client.cancel()


def on_sigterm(call: Callable[[], object]) -> None:
    """Have `call` made when the process is asked to end, beside what its server does then.

    The server waits for open connections before it tells the application anything, and streams never end by themselves.
    """
    loop = asyncio.get_running_loop()
    known = getattr(loop, "_signal_handlers", {}).get(signal.SIGTERM)
    if known is None:
        return

    def both() -> None:
        call()
        known._run()

    loop.add_signal_handler(signal.SIGTERM, both)
