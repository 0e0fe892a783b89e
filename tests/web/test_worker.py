"""Connections that stay are shared evenly between the processes."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from billing_project import worker
from billing_project.worker import PLACES, Acceptor, Shares
from tests.web.servers import Server, serving


@pytest.fixture
def shares(monkeypatch: pytest.MonkeyPatch) -> Shares:
    found = Shares()
    monkeypatch.setattr(worker, "shares", found)
    return found


def _sibling(shares: Shares, *, held: int) -> int:
    """A place of a living process that takes connections."""
    place = shares.reserve()
    shares.take(place)
    shares.owners[place], shares.held[place] = os.getppid(), held
    return place


def _sockets(server: Server) -> dict[int, int]:
    """How many each process holds."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return {int(child): sum(map(_is_socket, Path(f"/proc/{child}/fd").iterdir())) for child in children}


def _is_socket(descriptor: Path) -> bool:
    try:
        return os.readlink(descriptor).startswith("socket:")
    except FileNotFoundError:  # closed meanwhile
        return False


def _hold(held: ExitStack, server: Server, count: int) -> None:
    """As many connections, opened at once; each is taken."""
    opened = [
        held.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10)) for _ in range(count)
    ]
    for connection in opened:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    for connection in opened:
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_who_holds_fewest_is_first(shares: Shares) -> None:
    own = shares.reserve()
    shares.take(own)
    assert not shares.fewer_elsewhere(own), "alone"
    sibling = _sibling(shares, held=2)
    for held, expected in [(1, False), (2, False), (3, True)]:
        shares.held[own] = held
        assert shares.fewer_elsewhere(own) is expected
    shares.leave(sibling)
    assert not shares.fewer_elsewhere(own), "what takes no connections is not waited for"


def test_a_dead_process_is_not_waited_for_and_gives_its_place_away(shares: Shares) -> None:
    own, sibling = shares.reserve(), _sibling(shares, held=0)
    shares.take(own)
    shares.held[own] = 5
    assert shares.fewer_elsewhere(own)
    with subprocess.Popen(["true"]) as dead:
        dead.wait()
    shares.owners[sibling] = dead.pid
    shares.claim(own)
    assert not shares.fewer_elsewhere(own)
    assert shares.reserve() == sibling
    assert (shares.taking[sibling], shares.held[sibling]) == (0, 0)


def test_more_processes_than_places_share_the_last_one(shares: Shares) -> None:
    places = [shares.reserve() for _ in range(PLACES + 2)]
    assert places == [*range(PLACES), PLACES - 1, PLACES - 1]
    shares.take(0)
    shares.held[PLACES - 1] = 7
    assert not shares.fewer_elsewhere(PLACES - 1), "it leaves nothing to others"
    shared = shares.held
    shares.claim(PLACES - 1)
    shares.held[PLACES - 1] = 1
    assert shared[PLACES - 1] == 7, "and counts for itself, for others have that place too"


class _Taken(asyncio.Protocol):
    """One connection, counted as gunicorn's protocol does."""

    def __init__(self, counted: Callable[[], None]) -> None:
        self.counted = counted

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.counted()

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport.close()


class _Log:
    """What a worker says."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def error(self, text: str, *values: object) -> None:
        self.errors.append(text % values)

    def debug(self, text: str, *values: object) -> None:
        raise AssertionError(text % values)


class _Accepting:
    """An acceptor in the place of this process, and what it took."""

    def __init__(self, shares: Shares, listener: socket.socket, held: ExitStack) -> None:
        self.shares, self.place, self.log, self.taken, self.held = shares, shares.reserve(), _Log(), 0, held
        self.address = listener.getsockname()
        self.worker: Any = SimpleNamespace(loop=asyncio.get_running_loop(), place=self.place, log=self.log, alive=True)
        self.acceptor = Acceptor(cast(Any, self.worker), listener, lambda: _Taken(self._counted))

    def _counted(self) -> None:
        self.taken += 1
        self.shares.held[self.place] += 1

    def opened(self, count: int = 1) -> None:
        """As many clients that connect and stay."""
        for _ in range(count):
            self.held.enter_context(socket.create_connection(self.address, timeout=10))

    async def until(self, holds: Callable[[], bool]) -> float:
        """Seconds until that is so."""
        started = time.monotonic()
        while not holds():
            assert time.monotonic() - started < 20, f"{self.taken} taken: {self.log.errors}"
            await asyncio.sleep(1e-3)
        return time.monotonic() - started

    async def took(self, count: int) -> float:
        """Seconds until it has taken as many in all."""
        return await self.until(lambda: self.taken >= count)


def _accepting(
    shares: Shares,
    scene: Callable[[_Accepting], Awaitable[None]],
    listening: Callable[[], socket.socket] = socket.socket,
) -> None:
    """Play the scene with an acceptor on a free port."""

    async def played() -> None:
        with listening() as listener, ExitStack() as held:
            listener.bind(("127.0.0.1", 0))
            listener.listen(64)
            own = _Accepting(shares, listener, held)
            await scene(own)
            own.acceptor.close()
            await own.acceptor.wait_closed()

    asyncio.run(played())


def test_a_sibling_that_holds_fewer_is_left_its_time_and_one_that_hangs_no_more(
    shares: Shares, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "REST", 30.0)

    async def scene(own: _Accepting) -> None:
        own.opened(3)
        await own.took(3)
        sibling = _sibling(shares, held=0)
        own.opened()
        assert await own.took(4) >= worker.LONGEST / 2, "it was left to the sibling"
        monkeypatch.setattr(worker, "LONGEST", 60.0)
        own.opened(20)
        assert await own.took(24) < 15, "which did not take it, and is not waited for again so soon"
        assert shares.held[sibling] == 0

    _accepting(shares, scene)


def test_what_a_sibling_takes_meanwhile_is_not_waited_for(shares: Shares, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LONGEST", 60.0)

    async def scene(own: _Accepting) -> None:
        own.opened(2)
        await own.took(2)
        sibling = _sibling(shares, held=1)
        own.opened()
        await asyncio.sleep(0.05)
        assert own.taken == 2
        shares.held[sibling] = 2
        await own.took(3)

    _accepting(shares, scene)


class _Broken(socket.socket):
    """A listener that fails as nobody expects."""

    def accept(self) -> tuple[socket.socket, Any]:
        raise ValueError("broken")


def test_a_process_that_can_take_nothing_ends(shares: Shares) -> None:
    async def scene(own: _Accepting) -> None:
        own.opened()
        await own.until(lambda: not own.worker.alive)
        assert own.log.errors == ["no connection is taken any more: ValueError('broken')"]
        assert shares.taking[own.place] == 0

    _accepting(shares, scene, _Broken)


class _Full(socket.socket):
    """A listener of a process that may not open another file, once."""

    failed = False

    def accept(self) -> tuple[socket.socket, Any]:
        if not self.failed:
            self.failed = True
            raise OSError(24, "Too many open files")
        return super().accept()


def test_it_rests_when_the_system_refuses_and_goes_on(shares: Shares, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "REST", 0.05)

    async def scene(own: _Accepting) -> None:
        own.opened()
        await own.took(1)
        assert own.log.errors == ["no connection is taken for 0.05 s: [Errno 24] Too many open files"]

    _accepting(shares, scene, _Full)


def test_once_closed_it_takes_no_more(shares: Shares) -> None:
    async def scene(own: _Accepting) -> None:
        own.acceptor.close()
        await own.acceptor.wait_closed()
        own.opened()
        await asyncio.sleep(0.05)
        assert (own.taken, shares.taking[own.place]) == (0, 0)

    _accepting(shares, scene)


def test_no_process_keeps_more_than_its_share(tmp_path: Path, committed_db: str) -> None:
    with serving(tmp_path, committed_db, workers=2) as server, ExitStack() as held:
        before = start = _sockets(server)
        until = time.monotonic() + 60
        while any(before[process] == count for process, count in start.items()):  # one of them may still be starting
            assert time.monotonic() < until, f"a process took no connection: {before}"
            _hold(held, server, 1)
            before = _sockets(server)
            time.sleep(0.05)
        for _ in range(5):
            _hold(held, server, 40)
        after = _sockets(server)
    shares = [after[process] - start[process] for process in start]
    assert max(shares) - min(shares) <= 40, shares
