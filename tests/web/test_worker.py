"""Connections that stay are shared between the processes."""

import os
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from billing_project.worker import OneAtATime
from tests.web.servers import Server, serving


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


def test_one_connection_is_taken_at_a_time() -> None:
    with OneAtATime() as listener, ExitStack() as held:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        for _ in range(3):
            held.enter_context(socket.create_connection(listener.getsockname(), timeout=10))
        for _ in range(3):
            held.enter_context(listener.accept()[0])
            with pytest.raises(BlockingIOError):
                listener.accept()
        listener.setblocking(False)
        for _ in range(3):  # a sibling was first: the next one is not passed over for that
            with pytest.raises(BlockingIOError):
                listener.accept()
        held.enter_context(socket.create_connection(listener.getsockname(), timeout=10))
        held.enter_context(listener.accept()[0])


def test_who_holds_many_waits_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("billing_project.worker.time.sleep", waited.append)
    with OneAtATime() as listener, ExitStack() as held:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        for holding in (0, 7, 10_000):
            listener.held = lambda holding=holding: holding
            held.enter_context(socket.create_connection(listener.getsockname(), timeout=10))
            held.enter_context(listener.accept()[0])
            with pytest.raises(BlockingIOError):
                listener.accept()
    assert waited == pytest.approx([50e-6, 400e-6, 500e-6])


def test_no_process_keeps_all_connections(tmp_path: Path, committed_db: str) -> None:
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
        shares = [_sockets(server)[process] - count for process, count in before.items()]
    assert min(shares) >= 40, shares
