"""Requests begin one after the other, and a long one holds up nobody."""

import asyncio
import threading
from typing import Any

import pytest
from django.http import HttpResponse

from billing_project.bridge import SHORT, Bridge

SCOPE = {"type": "http", "method": "GET", "query_string": b"", "headers": [], "http_version": "1.1", "scheme": "http"}


class Application:
    """Answers with the path, once `held` lets it; counts how many run at once."""

    def __init__(self) -> None:
        self.held = {"/long": threading.Event()}
        self.begun: list[str] = []
        self.running = self.most = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> HttpResponse:
        path = environ["PATH_INFO"]
        self.begun.append(path)
        self.running += 1
        self.most = max(self.most, self.running)
        if path in self.held:
            assert self.held[path].wait(10)
        self.running -= 1
        response = HttpResponse(path)
        start_response("200 OK", [])
        return response


async def ask(bridge: Bridge, path: str) -> bytes:
    messages: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        messages.append(message)

    await bridge({**SCOPE, "path": path, "raw_path": path.encode()}, b"", send)
    return b"".join(message.get("body", b"") for message in messages)


def test_requests_begin_one_after_the_other_in_their_order() -> None:
    application = Application()
    paths = [f"/{number}" for number in range(50)]

    async def all_at_once() -> list[bytes]:
        bridge = Bridge(application, threads=4, turns=1)  # type: ignore[arg-type]
        return await asyncio.gather(*(ask(bridge, path) for path in paths))

    assert asyncio.run(all_at_once()) == [path.encode() for path in paths]
    assert application.begun == paths
    assert application.most == 1


def test_a_long_request_passes_its_turn_on_and_takes_nobody_elses() -> None:
    application = Application()

    async def told() -> tuple[list[bytes], bytes]:
        bridge = Bridge(application, threads=4, turns=1)  # type: ignore[arg-type]
        long = asyncio.create_task(ask(bridge, "/long"))
        await asyncio.sleep(SHORT * 2)
        others = await asyncio.wait_for(asyncio.gather(*(ask(bridge, f"/{number}") for number in range(20))), 10)
        assert not long.done()
        application.held["/long"].set()
        answer = await long
        # The turn was given back once, not twice.
        await asyncio.gather(*(ask(bridge, f"/after/{number}") for number in range(20)))
        return others, answer

    others, answer = asyncio.run(told())
    assert others == [f"/{number}".encode() for number in range(20)]
    assert answer == b"/long"
    assert application.most == 2
    assert application.begun[:2] == ["/long", "/0"]


def test_one_that_fails_gives_its_turn_back() -> None:
    def failing(environ: dict[str, Any], start_response: Any) -> HttpResponse:
        if environ["PATH_INFO"] == "/fails":
            raise ZeroDivisionError
        return Application()(environ, start_response)

    async def after_failures() -> bytes:
        bridge = Bridge(failing, threads=1, turns=1)  # type: ignore[arg-type]
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await ask(bridge, "/fails")
        return await asyncio.wait_for(ask(bridge, "/next"), 5)

    assert asyncio.run(after_failures()) == b"/next"
