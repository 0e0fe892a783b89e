"""Clients that ask a server as fast as it answers, with as little work as can be: they share its cores."""

import socket
import threading
import time
from collections.abc import Callable
from typing import NamedTuple


class Wanted(NamedTuple):
    """A request: its body, where it has one, is JSON."""

    method: str
    path: str
    body: bytes = b""


class Answered(NamedTuple):
    """What came back, and how long it took."""

    status: int
    body: bytes
    seconds: float


class Connection:
    """One that stays open, and sends the key with everything."""

    def __init__(self, port: int, key: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"

    def send(self, wanted: Wanted) -> Answered:
        head = f"{wanted.method} {wanted.path} HTTP/1.1\r\n{self.head}"
        if wanted.method != "GET":
            head += f"Content-Type: application/json\r\nContent-Length: {len(wanted.body)}\r\n"
        started = time.perf_counter()
        self.socket.sendall(head.encode() + b"\r\n" + wanted.body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._some()
        told, _, content = answer.partition(b"\r\n\r\n")
        length = int(told.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(content) < length:
            content += self._some()
        return Answered(int(told[9:12]), content, time.perf_counter() - started)

    def _some(self) -> bytes:
        part = self.socket.recv(65536)
        if not part:
            raise AssertionError("the server closed the connection")
        return part


def asking(
    port: int, key: str, following: Callable[[], Wanted], connections: int, seconds: float
) -> tuple[list[Answered], float]:
    """So many clients ask for so long, each as soon as it was answered; and how long it took on the whole."""
    found: list[Answered] = []
    until = time.perf_counter() + seconds

    def client() -> None:
        connection, own = Connection(port, key), []
        while time.perf_counter() < until:
            own.append(connection.send(following()))
        connection.socket.close()
        found.extend(own)

    started = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found, time.perf_counter() - started


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]
