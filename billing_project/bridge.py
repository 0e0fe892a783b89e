"""From the event loop to Django's threads and back: one hand-over a request, however it is answered.

An answer is made whole in its thread and sent by the loop. Only one that is a stream is sent from the thread, part by
part: each part has to wait for the loop, and the loop for a thread that lets it run.

Requests begin in the order in which they came, few at a time: threads that compute at once take the interpreter
from each other, and all of them answer late. One that takes longer than SHORT (it waits for a lock, or writes a file)
holds up nobody after that.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import Any

from a2wsgi.wsgi import build_environ
from django.core.handlers.wsgi import WSGIHandler

SHORT = 0.04
"""Seconds for which a request has its turn."""

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Whole:
    """An answer as it is sent."""

    start: MutableMapping[str, Any]
    body: bytes


class Bridge:
    """A WSGI application in threads of its own.

    `threads`: requests in hand at once, as a database pool has connections. `turns`: how many of them are new.
    """

    def __init__(self, application: WSGIHandler, threads: int, turns: int) -> None:
        self.application = application
        self.turns = asyncio.Semaphore(turns)
        self.executor = ThreadPoolExecutor(threads, thread_name_prefix="WSGI")

    async def __call__(self, scope: Scope, body: bytes, send: Send) -> None:
        """Answer the request, which is here whole."""
        loop = asyncio.get_running_loop()
        context = copy_context()
        await self.turns.acquire()
        passing = loop.call_later(SHORT, self.turns.release)
        try:
            whole = await loop.run_in_executor(self.executor, context.run, self._answered, scope, body, send, loop)
        finally:
            # Past its time the call has been made, or is about to be.
            if loop.time() < passing.when():
                passing.cancel()
                self.turns.release()
        if whole is not None:
            await send(whole.start)
            await send({"type": "http.response.body", "body": whole.body})

    def _answered(self, scope: Scope, body: bytes, send: Send, loop: asyncio.AbstractEventLoop) -> Whole | None:
        """In a thread: the answer; None once it has been sent as a stream."""
        started: list[MutableMapping[str, Any]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None, /) -> Any:
            encoded = [(name.encode("latin1").lower(), value.strip().encode("latin1")) for name, value in headers]
            code = int(status.partition(" ")[0])
            started.append({"type": "http.response.start", "status": code, "headers": encoded})
            # Django writes nothing by it.
            return None

        environ: Any = build_environ(scope, BytesIO(body))  # type: ignore[arg-type]
        response: Any = self.application(environ, start_response)
        try:
            if not response.streaming:
                return Whole(started[0], b"".join(response))
            for message in chain(started, _parts(response)):
                asyncio.run_coroutine_threadsafe(_sent(send, message), loop).result()
            return None
        finally:
            response.close()


async def _sent(send: Send, message: MutableMapping[str, Any]) -> None:
    await send(message)


def _parts(response: Iterable[bytes]) -> Iterable[MutableMapping[str, Any]]:
    for part in response:
        yield {"type": "http.response.body", "body": part, "more_body": True}
    yield {"type": "http.response.body", "body": b""}
