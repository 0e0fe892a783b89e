"""The supervisor: parent of every process of one DATA folder. Ends when told, or when its last user has gone.

Its main thread spawns the children and restarts one that dies, on the same port; there are no other threads.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Never

from billing_project.services.children import Child, end, started_at
from billing_project.services.environment import POSTGRESQL, SANDBOX, VALKEY, base_variables, variables
from billing_project.services.errors import ServiceError
from billing_project.services.folder import Folder, locked, take
from billing_project.services.postgresql import start_postgresql
from billing_project.services.processes import OURS, Stack, refuse_busy_port
from billing_project.services.sandbox import start_sandbox
from billing_project.services.valkey import start_valkey

RESTARTS_PER_MINUTE = 10


def pause(restarts: int) -> float:
    """Before starting again one that was restarted so often within a minute: at once, then 0.25, 0.5, 1, 2, 4, 5 s."""
    return min(0.25 * 2 ** (restarts - 1), 5) if restarts else 0.0


class Supervisor:
    """Owns the children; everything else about them is written to services.json."""

    def __init__(self, folder: Folder, services: Sequence[str], *, durable: bool, keep: bool, web_port: int) -> None:
        self.folder, self.services, self.durable, self.keep = folder, services, durable, keep
        self.web_port = web_port
        self.children: list[Child] = []
        self.restarts: dict[str, list[float]] = {}
        self.services_ready = self.ready = False
        self.url = ""

    def record(self) -> None:
        self.folder.write_record(
            {
                "supervisor": {"pid": os.getpid(), "started": started_at(os.getpid())},
                "services_ready": self.services_ready,
                "ready": self.ready,
                "keep": self.keep,
                "durable": self.durable,
                "url": self.url,
                "children": {child.name: child.record for child in self.children},
            }
        )

    def start_services(self) -> dict[str, str]:
        """Start what is wanted and answer the variables that lead to it."""
        last: dict[str, Any] = self.folder.read_record().get("children", {})
        end_leftovers(last)
        self.record()
        passwords = self.folder.read_secrets()
        if POSTGRESQL in self.services:
            self.add(start_postgresql(self.folder, passwords, last.get(POSTGRESQL, {}), durable=self.durable))
        if VALKEY in self.services:
            self.add(start_valkey(self.folder, passwords, last.get(VALKEY, {})))
        if SANDBOX in self.services:
            self.add(start_sandbox(self.folder, passwords, last.get(SANDBOX, {}), web_port=self.web_port))
        self.services_ready = True
        self.record()
        return variables({child.name: child.port or 0 for child in self.children}, passwords)

    def add(self, child: Child) -> None:
        self.children.append(child)
        self.record()

    def start_stack(self, env: Mapping[str, str]) -> str:
        """Migrate, then web, worker and beat; the address once all three answer."""
        stack = Stack(self.folder, self.web_port, {**env, "BILLING_URL": f"http://127.0.0.1:{self.web_port}"})
        stack.prepare(say)
        say("starting web, worker and beat")
        ours = stack.children()
        for child in ours:
            child.start()
            self.add(child)
        stack.wait_until_ready(ours)
        return stack.url

    def announce_ready(self, url: str = "") -> None:
        self.ready, self.url = True, url
        self.record()

    def watch(self) -> None:
        """Until a signal, or until nobody uses a supervisor that was not asked to stay."""
        while True:
            self.restart_the_dead()
            if not self.keep:
                left = take(self.folder.root / "users.lock", exclusive=True, wait=0)
                if left is not None:
                    # Kept locked while we stop: whoever comes now waits and then starts a supervisor of its own.
                    self.stop()
                    return
            time.sleep(0.25)

    def restart_the_dead(self) -> None:
        for child in self.children:
            if child.is_running():
                continue
            now = time.monotonic()
            recent = [at for at in self.restarts.get(child.name, ()) if at > now - 60]
            # PostgreSQL, for one, does not start before the last process of the killed one has gone.
            if recent and now < recent[-1] + pause(len(recent)):
                continue
            if len(recent) >= RESTARTS_PER_MINUTE:
                raise ServiceError(
                    "keeps_dying", f"{child.name} keeps dying:\n{child.last_words()}", f"read {child.log}"
                )
            self.restarts[child.name] = [*recent, now]
            sys.stderr.write(f"{child.name} ended unasked and is started again\n")
            child.start()
            self.record()

    def stop(self) -> None:
        """Ours at once, then the services, so that nobody loses the database before its last commit."""
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, signal.SIG_IGN)
        for child in self.children:
            if child.name in OURS:
                child.ask_to_stop()
        for child in reversed(self.children):
            child.stop()
        self.children = []
        self.folder.record.unlink(missing_ok=True)


def end_leftovers(last: dict[str, Any]) -> None:
    """Children of a supervisor that was killed: the kernel has asked them to end, make sure that they did."""
    for name, process in reversed(list(last.items())):
        if process:
            end(process, how=signal.SIGINT if name == POSTGRESQL else signal.SIGTERM)


def leave(signal_number: int, _frame: object) -> Never:
    raise SystemExit(0)


def listen_to_signals() -> None:
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, leave)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def supervise(supervisor: Supervisor, *, serve: bool) -> None:
    if serve:
        refuse_busy_port(supervisor.web_port)
        say(f"starting {', '.join(supervisor.services) or 'no services'}; logs are in {supervisor.folder.logs}")
    found = supervisor.start_services()
    url = ""
    if serve:
        passwords = supervisor.folder.read_secrets()
        env = {**os.environ, **base_variables(supervisor.folder.root, passwords, os.environ), **found}
        url = supervisor.start_stack(env)
    supervisor.announce_ready(url)
    if serve:
        say(f"ready {url}")
    supervisor.watch()


def main() -> int:
    parser = argparse.ArgumentParser(prog="services supervisor")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--services", required=True)
    parser.add_argument("--no-fsync", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--port", type=int, default=18080)
    options = parser.parse_args()
    os.umask(0o077)
    listen_to_signals()
    folder = Folder(options.data)
    services = [name for name in options.services.split(",") if name]
    try:
        with locked(folder.root / "supervisor.lock", exclusive=True, wait=60):
            supervisor = Supervisor(
                folder, services, durable=not options.no_fsync, keep=options.keep, web_port=options.port
            )
            try:
                supervise(supervisor, serve=options.serve)
            finally:
                supervisor.stop()
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
