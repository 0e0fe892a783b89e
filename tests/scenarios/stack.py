"""A whole platform of a test's own: `manage.py services serve` on a DATA folder that was given migrated tables."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from apps.monitoring.invariants import INVARIANTS
from billing_project.services.children import free_port
from billing_project.services.folder import Folder
from billing_project.services.postgresql import DATABASE, OWNER, address, find_binaries, start_postgresql
from tests import databases
from tests.scenarios.client import Client

CHECKOUT = Path(__file__).resolve().parents[2]
OWN_VARIABLES = {
    "DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_POOL_SIZE", "REDIS_URL", "STRIPE_API_BASE", "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET", "STRIPE_SETUP_URL", "SECRET_KEY", "BILLING_URL", "DATA", "BILLING_TEST_CLOCKS",
    "DJANGO_SETTINGS_MODULE",
}  # fmt: skip


def wait_until(condition: Callable[[], Any], patience: float = 30, pause: float = 0.1) -> Any:
    until = time.monotonic() + patience
    while True:
        if found := condition():
            return found
        assert time.monotonic() < until, f"not within {patience} s: {condition}"
        time.sleep(pause)


def dump() -> Path:
    """The migrated template as SQL, written once for each state of the migrations."""
    name = databases.template()
    file = Path(os.environ["DATA"]) / f"{name}.sql"
    if not file.exists():
        beside = file.with_suffix(f".{os.getpid()}")
        source = databases.with_name(databases.owner_url(), name)
        subprocess.run([find_binaries() / "pg_dump", "--no-owner", "--file", beside, source], check=True)
        for old in file.parent.glob("billing_template_*.sql"):
            old.unlink(missing_ok=True)
        beside.rename(file)
    return file


def fill(data: Path) -> None:
    """Make the cluster of a DATA folder and load the tables, in two seconds instead of a minute of migrations."""
    tables, folder = dump(), Folder(data)
    folder.make()
    passwords = folder.read_secrets()
    server = start_postgresql(folder, passwords, {}, durable=False)
    try:
        command = [
            find_binaries() / "psql", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--single-transaction",
            "--file", tables, address(server.port or 0, OWNER, passwords["owner"]),
        ]  # fmt: skip
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    finally:
        server.stop()


INTERNAL_TOKEN = "for-alertmanager-and-probes"


class Stack:
    """The platform, its processes and its sandbox, as an operator sees them."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES}
        self.env["INTERNAL_TOKEN"] = INTERNAL_TOKEN
        self.process: subprocess.Popen[str] | None = None
        self.said: list[str] = []
        self.key = ""

    # As an operator

    def start(self) -> None:
        """Until it says that it is ready."""
        command = [sys.executable, "manage.py", "services", "serve", "--data", self.data, "--port", str(self.port)]
        self.said = []
        self.process = subprocess.Popen(
            command, cwd=CHECKOUT, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        wait_until(lambda: self._has_started(), 120, 0.02)
        self.key = self.key or self.make_key()

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            self.said.extend(line.rstrip("\n") for line in process.stdout)

    def _has_started(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said
        return f"ready {self.url}" in self.said

    def end(self, how: int = signal.SIGINT) -> int:
        """As Ctrl-C does."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(60)

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command beside the running platform."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=CHECKOUT, env=self.env | {"DATA": str(self.data)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def make_key(self) -> str:
        made = self.manage("create_api_key", "--role", "super_admin", "--name", "check", "--rate-limit", "0")
        assert made.returncode == 0, made.stderr
        return made.stdout.removesuffix("\n")

    # As somebody who pulls plugs

    @property
    def children(self) -> dict[str, Any]:
        return dict(Folder(self.data).read_record()["children"])

    def signal(self, name: str, how: int) -> None:
        """To the process and all that it forked: each child leads a session of its own."""
        os.killpg(self.children[name]["pid"], how)

    def kill(self, name: str) -> None:
        """kill -9; returns once the supervisor has started it again."""
        before = self.children[name]
        self.signal(name, signal.SIGKILL)
        wait_until(lambda: self.children[name]["pid"] != before["pid"], 30, 0.02)

    def processes(self) -> list[int]:
        """Whatever lives that was started for this DATA, by its command line or its environment."""
        needle, found = str(self.data).encode(), []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if needle in (entry / "cmdline").read_bytes() or needle in (entry / "environ").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found

    # As somebody who looks

    @property
    def client(self) -> Client:
        return Client(self.url, self.key)

    def sandbox(self, method: str, path: str, body: object = None) -> Any:
        """A control path of the Stripe sandbox."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.children['stripe-sandbox']['port']}/_sandbox/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)

    def fault(self, kind: str, operation: str, **more: object) -> None:
        self.sandbox("POST", "faults", {"kind": kind, "operation": operation, **more})

    def charges(self, invoice_id: str) -> list[Any]:
        """The money that really moved for an invoice: what Stripe has, whatever we believe."""
        return list(self.sandbox("GET", f"state?status=succeeded&metadata[invoice_id]={invoice_id}")["charges"])

    def is_ready(self) -> bool:
        answer = self.client.send("GET", "/health/ready", timeout=5)
        return answer.status == 200 and answer.body["ready"] is True

    def numbers(self) -> dict[str, float]:
        """What a Prometheus scrapes from web."""
        text = self.client.send("GET", "/metrics").body.decode()
        pairs = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def connect(self) -> psycopg.Connection:
        port, passwords = self.children["postgresql"]["port"], Folder(self.data).read_secrets()
        return psycopg.connect(address(port, OWNER, passwords["owner"], DATABASE), autocommit=True)

    def let_leases_lapse(self) -> None:
        """As if minutes had passed: what a killed worker held is free again."""
        with self.connect() as connection:
            connection.execute("UPDATE payments_payment SET lease_until = now() WHERE status = 'PENDING'")
            connection.execute("UPDATE payments_gatewaynotice SET lease_until = now() WHERE status = 'PENDING'")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(query.encode(), []).fetchall()

    def faults_in_the_books(self) -> dict[str, Any]:
        """The invariants that watch production, each with what breaks it."""
        return {each.name: found for each in INVARIANTS if (found := self.rows(each.faults))}
