"""Receivers of the tests' own, which behave as they are told, byte by byte."""

import json
import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    first: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Behaviour = Callable[[Any, Got], bool]
"""Writes what it likes to the socket; whether the connection stays."""


def status(code: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer so."""

    def behave(connection: Any, got: Got) -> bool:
        lines = [f"HTTP/1.1 {code} x", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return True

    return behave


def silent(until: threading.Event) -> Behaviour:
    """Say nothing until the test is over."""

    def behave(connection: Any, got: Got) -> bool:
        until.wait(30)
        return False

    return behave


def hang_up(connection: Any, got: Got) -> bool:
    """Close without a word."""
    return False


def endless(connection: Any, got: Got) -> bool:
    """200, and a body without an end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    try:
        for _ in range(1000):
            connection.sendall(chunk)
    except OSError:
        pass
    return False


class Receiver:
    """Listens on a port of its own. `behave` may be exchanged at any time."""

    def __init__(self, behave: Behaviour | None = None) -> None:
        self.behave: Behaviour = behave or status(200, b"ok")
        self.got: list[Got] = []
        self.connections = 0
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        receiver = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 60
            disable_nagle_algorithm = True

            def handle(self) -> None:
                with receiver.lock:
                    receiver.connections += 1
                try:
                    while receiver.one(self.rfile, self.connection):
                        pass
                except OSError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/hook?x=1"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def one(self, stream: Any, connection: socket.socket) -> bool:
        first = stream.readline().decode().strip()
        if not first:
            return False
        headers = {}
        while line := stream.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        got = Got(first, headers, stream.read(int(headers["content-length"])))
        with self.lock:
            self.got.append(got)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self.behave(connection, got)
        finally:
            with self.lock:
                self.at_once -= 1

    @property
    def numbers(self) -> list[int]:
        """The sequences that came, in their order."""
        return [got.json["sequence"] for got in self.got]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
