"""`ensure()`: attach to the supervisor of a DATA folder, or start one that ends with its last user."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from billing_project.services.children import is_alive, tail
from billing_project.services.environment import base_variables, current, missing_services, variables
from billing_project.services.errors import ServiceError
from billing_project.services.folder import Folder, locked, take

CHECKOUT = Path(__file__).resolve().parents[2]
# Shared locks of this process, held until it ends: the supervisor leaves when nobody holds one.
_held: dict[Path, int] = {}


def ensure(data: Path, *, durable: bool = True, show: Callable[[str], None] | None = None) -> dict[str, str]:
    """The environment variables that lead to running services, PostgreSQL and Valkey and Stripe alike.

    Variables that the environment already has are not in the answer, save DATA, and start nothing. `durable` decides
    whether PostgreSQL syncs to disk if this call is the one that starts it; False is for tests alone. `show` is told
    when something has to be started, which takes seconds.
    """
    folder = Folder(data.expanduser().absolute())
    env = current()
    wanted = missing_services(env)
    folder.make()
    found = base_variables(folder.root, folder.read_secrets(), env)
    if not wanted:
        return found
    hold(folder)
    record = wait_while_starting(folder)
    if not usable(record, wanted):
        with locked(folder.root / "start.lock", exclusive=True):
            record = wait_while_starting(folder)
            if not usable(record, wanted):
                refuse_other_services(record, wanted)
                if show is not None:
                    show(f"starting {', '.join(wanted)} on {folder.root}")
                record = start(folder, wanted, durable=durable)
    ports = {name: child["port"] for name, child in record["children"].items() if name in wanted}
    return found | variables(ports, folder.read_secrets()) | url_of(record)


def url_of(record: dict[str, Any]) -> dict[str, str]:
    return {"BILLING_URL": record["url"]} if record.get("url") else {}


def hold(folder: Folder) -> None:
    """Be counted as a user. Waits while a supervisor that nobody used any more is on its way out."""
    if folder.root in _held:
        return
    descriptor = take(folder.root / "users.lock", exclusive=False, wait=60)
    if descriptor is None:
        raise ServiceError(
            "services_stopping",
            f"the services of {folder.root} have been stopping for a minute",
            f"run `make stop DATA={folder.root}`, then try again",
        )
    _held[folder.root] = descriptor


def wait_while_starting(folder: Folder, patience: float = 120) -> dict[str, Any]:
    """The record, once the services of a living supervisor answer; web and worker may still be on their way."""
    until = time.monotonic() + patience
    while True:
        record = folder.read_record()
        starting = record and not record.get("services_ready") and is_alive(record["supervisor"])
        if not starting or time.monotonic() > until:
            return record
        time.sleep(0.05)


def usable(record: dict[str, Any], wanted: list[str]) -> bool:
    lacking = set(wanted) - set(record.get("children", ()))
    return bool(record.get("services_ready")) and is_alive(record["supervisor"]) and not lacking


def refuse_other_services(record: dict[str, Any], wanted: list[str]) -> None:
    if record and is_alive(record["supervisor"]):
        lacking = ", ".join(sorted(set(wanted) - set(record["children"])))
        raise ServiceError(
            "services_differ",
            f"the running supervisor was started without {lacking}",
            "use the same environment as the command that started it, or run `make stop` first",
        )


def supervisor_command(folder: Folder, wanted: list[str], *, durable: bool, options: tuple[str, ...]) -> list[str]:
    return [
        sys.executable, "-m", "billing_project.services.supervisor", "--data", str(folder.root),
        "--services", ",".join(wanted), *(() if durable else ("--no-fsync",)), *options,
    ]  # fmt: skip


def start(
    folder: Folder,
    wanted: list[str],
    *,
    durable: bool,
    options: tuple[str, ...] = (),
    show: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Spawn a supervisor in a session of its own and wait until everything answers; `show` gets each line it says."""
    log = folder.logs / "supervisor.log"
    command = supervisor_command(folder, wanted, durable=durable, options=options)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    shown = 0
    while True:
        if show is not None:
            shown += follow(log, shown, show)
        record = folder.read_record()
        if record.get("ready") and record["supervisor"]["pid"] == process.pid:
            process.returncode = 0  # it outlives this process: there is nothing to wait for, or to warn of
            return record
        if process.poll() is not None:
            raise ServiceError(
                "services_failed",
                f"the services of {folder.root} did not start:\n{tail(log)}",
                f"the whole story is in {folder.logs}",
            )
        time.sleep(0.05)


def follow(log: Path, offset: int, show: Callable[[str], None]) -> int:
    """Pass on the whole lines that a log has gained since `offset`; returns how many bytes they are."""
    with log.open("rb") as file:
        file.seek(offset)
        whole, newline, _ = file.read().rpartition(b"\n")
    for line in whole.decode(errors="replace").splitlines():
        show(line)
    return len(whole) + len(newline)


def tell(text: str) -> None:
    """On stderr: what a command prints is its answer alone."""
    sys.stderr.write(f"{text}\n")


def fill_environment() -> dict[str, str]:
    """What manage.py does before Django loads: the .env file, then whatever is still missing."""
    for name, value in current().items():
        os.environ.setdefault(name, value)
    found = ensure(Path(os.environ.get("DATA") or CHECKOUT / ".data"), show=tell)
    os.environ.update(found)
    return found


def refuse_running(folder: Folder, patience: float = 20) -> None:
    """A supervisor that only a short command keeps alive is waited for; one that stays is not ours to end."""
    until = time.monotonic() + patience
    while (record := folder.read_record()) and is_alive(record["supervisor"]):
        if not record["keep"] and time.monotonic() < until:
            time.sleep(0.1)
            continue
        raise ServiceError(
            "already_running",
            f"a supervisor already runs on {folder.root}" + (f" and serves {record['url']}" if record["url"] else ""),
            f"`make stop DATA={folder.root}` ends it, or choose another DATA folder",
        )
