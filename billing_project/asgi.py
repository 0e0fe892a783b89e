"""A thin shell round Django: probes and /metrics are answered on the event loop, all else goes to Django's threads.

So /health answers while every thread waits for a database that is away, and a slow client holds no thread: its request
is read whole, within a size and a time, before a thread is asked.
"""

import asyncio
import contextlib
import hmac
import os
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from billing_project.wsgi import application as django

# isort: split
# What follows needs a Django that is set up, which the line above has done.
from apps.events.sse import POSITION
from apps.kernel import clock, doorbell
from apps.kernel.errors import DomainError, TooLarge, Unauthenticated, Unavailable
from apps.kernel.memory import settle
from apps.monitoring import batch, exposition, pool, probes, requests, tally, telemetry
from apps.monitoring.collectors import Cache
from apps.rest import errors
from apps.rest.objects import encode
from billing_project import streams
from billing_project.bridge import Bridge

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

THREADS = int(os.environ.get("WEB_THREADS", "4"))
TURNS = int(os.environ.get("WEB_TURNS", "1"))
BACKLOG = int(os.environ.get("WEB_BACKLOG", "256"))
BODY_SECONDS = float(os.environ.get("WEB_BODY_SECONDS", "30"))
STREAM = "/v1/events/stream"
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
LENGTHS = (b"content-length", b"transfer-encoding")
"""One of these stands before every body."""
JSON, PROBLEM = b"application/json", b"application/problem+json"


class SlowBody(DomainError):
    """408: the body did not come in time."""

    status = 408


class Disconnected(Exception):
    """The client went away while it was still sending."""


class Shell:
    """The ASGI application."""

    def __init__(self, wrapped: WSGIHandler) -> None:
        self.django = Bridge(wrapped, THREADS, TURNS)
        self.probes = probes.Probes()
        self.collected = Cache()
        self.scrapes = ThreadPoolExecutor(2, thread_name_prefix="metrics")
        self.in_hand = 0
        self.streams = streams.Hub()
        self.own: dict[str, Callable[[Scope, Send], Awaitable[None]]] = {
            "/health": self.health,
            "/health/ready": self.ready,
            "/metrics": self.metrics,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http":
            own = self.own.get(scope["path"]) if scope["method"] in ("GET", "HEAD") else None
            if own:
                await own(scope, send)
            elif scope["path"] == STREAM and scope["method"] == "GET":
                await self.stream(scope, receive, send)
            else:
                await self.pass_on(scope, receive, send)

    async def health(self, scope: Scope, send: Send) -> None:
        status, document = await self.probes.alive()
        await answer(scope, send, status, probes.body(document))

    async def ready(self, scope: Scope, send: Send) -> None:
        status, document = await self.probes.ready()
        await answer(scope, send, status, probes.body(document))

    async def metrics(self, scope: Scope, send: Send) -> None:
        given = header(scope, b"authorization")
        if METRICS_TOKEN and not hmac.compare_digest(given, f"Bearer {METRICS_TOKEN}".encode()):
            await refuse(
                scope, send, Unauthenticated("metrics_token", "No token.", hint="Send METRICS_TOKEN as bearer.")
            )
            return
        # By then the other processes have counted what they had answered when the scrape began.
        await asyncio.sleep(batch.EVERY * 1.5)
        text = await asyncio.get_running_loop().run_in_executor(self.scrapes, self._scrape)
        await answer(scope, send, 200, text, exposition.CONTENT_TYPE.encode())

    def _scrape(self) -> bytes:
        return exposition.counted() + self.collected.text()

    async def stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Django answers as anything else, and if it agrees the connection is kept."""
        if self.streams.full:
            full = Unavailable("streams_full", "Too many streams.", hint="Come again in a moment.", retry_after=2)
            await refuse(scope, send, full)
            return
        answered: list[Message] = []

        async def hold(message: Message) -> None:
            answered.append(message)

        await self.pass_on(scope, receive, hold)
        if not answered:
            return
        start, *parts = answered
        if POSITION.encode() in dict(start["headers"]):
            await self.streams.go_on(start, b"".join(part["body"] for part in parts), receive, send)
        else:
            for message in answered:
                await send(message)

    async def pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """To Django, once the whole request is here and a place is free."""
        if self.in_hand >= THREADS + BACKLOG:
            full = Unavailable("overloaded", "Too many requests wait.", hint="Repeat it in a moment.", retry_after=1)
            batch.later(requests.count, scope["method"], requests.UNMATCHED, full.status, 0, full.code, clock.wall())
            await refuse(scope, send, full)
            return
        self.in_hand += 1
        try:
            body = await self.whole(scope, receive, send)
            if body is not None:
                await self.django(with_length(scope, body), body, send)
        finally:
            self.in_hand -= 1

    async def whole(self, scope: Scope, receive: Receive, send: Send) -> bytes | None:
        """The body; None when the client was refused or went away."""
        if not any(name in LENGTHS for name, _ in scope["headers"]):
            return b""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await read(scope, receive)
        except TimeoutError:
            slow = SlowBody("body_too_slow", "The body did not arrive in time.", hint="Send it without pauses.")
            await refuse(scope, send, slow)
        except DomainError as error:
            await refuse(scope, send, error)
        except Disconnected:
            pass
        return None

    async def live(self, receive: Receive, send: Send) -> None:
        """Start what runs behind the requests, and end it after the last one."""
        await receive()
        batch.start()
        doorbell.start()
        works = (
            self.probes.keep_asking,
            self.probes.keep_checking,
            pool.keep_counting,
            tally.keep_writing,
            self.streams.keep_reading,
            self.streams.keep_listening,
        )
        background = [asyncio.create_task(work()) for work in works]
        streams.on_sigterm(self.streams.close)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in background:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        # Whatever still runs in a thread is a write under way: it is let finish.
        await asyncio.to_thread(self.django.executor.shutdown)
        self.scrapes.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(doorbell.finish)
        await asyncio.to_thread(batch.finish)
        await asyncio.to_thread(tally.flush)
        await asyncio.to_thread(pool.close)
        await asyncio.to_thread(telemetry.finish)
        await send({"type": "lifespan.shutdown.complete"})


async def read(scope: Scope, receive: Receive) -> bytes:
    """The whole body, up to the largest that any view takes; each view has a limit of its own below that."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    announced = header(scope, b"content-length")
    large = TooLarge("body_too_large", f"More than {limit} bytes.", hint="Split it over several requests.")
    if announced.isdigit() and int(announced) > limit:
        raise large
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise large
        more = message.get("more_body", False)
    return b"".join(parts)


def with_length(scope: Scope, body: bytes) -> Scope:
    """The scope with the true length of the body: Django reads nothing of one sent in chunks."""
    rest = [pair for pair in scope["headers"] if pair[0] not in (b"content-length", b"transfer-encoding")]
    if len(rest) == len(scope["headers"]):
        return scope
    return {**scope, "headers": [*rest, (b"content-length", str(len(body)).encode())]}


def header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


async def refuse(scope: Scope, send: Send, error: DomainError) -> None:
    document = errors.body(error, requests.request_id(header(scope, b"x-request-id").decode("latin-1")))
    extra = [(b"retry-after", str(error.retry_after).encode())] if error.retry_after else []
    # What was not read cannot be told from the next request: the connection ends here.
    await answer(scope, send, error.status, encode(document), PROBLEM, [*extra, (b"connection", b"close")])


async def answer(
    scope: Scope,
    send: Send,
    status: int,
    body: bytes,
    kind: bytes = JSON,
    extra: list[tuple[bytes, bytes]] | None = None,
) -> None:
    sizes = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": sizes + (extra or [])})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


application = Shell(django)
# All is loaded.
settle()
