"""Stacks of their own: none of these tests touches the services that the other tests run on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SERVICE_VARIABLES = {
    "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "STRIPE_API_BASE", "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET", "STRIPE_SETUP_URL", "SECRET_KEY", "BILLING_URL", "DATA",
}  # fmt: skip

ATTACH_AND_WAIT = """
import json, sys
from pathlib import Path
from billing_project.services import ensure
print(json.dumps(ensure(Path(sys.argv[1]), durable=False)), flush=True)
sys.stdin.read()
"""


def wait_until(condition: Callable[[], Any], patience: float = 15) -> Any:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {patience} s")


def processes_of(data: Path) -> list[int]:
    """Every living process that names the folder in its command line or works in it; postgres' own children too."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
            where = str((entry / "cwd").readlink())
        except OSError:
            continue
        if words and (str(data) in words or where.startswith(str(data))):
            found.append(int(entry.name))
    return found


class Services:
    """The command `manage.py services` and short-lived users, on one DATA folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.env = {name: value for name, value in os.environ.items() if name not in SERVICE_VARIABLES}
        # Saves the start of the sandbox where a test is not about it.
        self.env["STRIPE_API_BASE"] = "http://127.0.0.1:9"
        self.users: list[subprocess.Popen[str]] = []

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "manage.py", "services", *arguments, "--data", str(self.data)]
        return subprocess.run(command, cwd=CHECKOUT, env=self.env, capture_output=True, text=True, check=False)

    def attach(self) -> tuple["subprocess.Popen[str]", dict[str, str]]:
        """A process that uses the services until its input ends, and what ensure() told it."""
        user = subprocess.Popen(
            [sys.executable, "-c", ATTACH_AND_WAIT, str(self.data)],
            cwd=CHECKOUT, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.users.append(user)
        assert user.stdout is not None
        return user, json.loads(user.stdout.readline())

    def run_ensure(self) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", ATTACH_AND_WAIT, str(self.data)]
        return subprocess.run(
            command, cwd=CHECKOUT, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def record(self) -> dict[str, Any]:
        return json.loads((self.data / "services.json").read_text())

    def clean_up(self) -> None:
        for user in self.users:
            user.communicate()
        self.run("stop")
        for pid in processes_of(self.data):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def new_folder() -> Iterator[Callable[[], Path]]:
    """In the system's temporary folder: pytest's own is closed to the user that PostgreSQL runs as under root."""
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="billing-test-")))
        made[-1].chmod(0o755)
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder)


@pytest.fixture
def data(new_folder: Callable[[], Path]) -> Path:
    return new_folder()


@pytest.fixture
def services(data: Path) -> Iterator[Services]:
    stack = Services(data)
    yield stack
    stack.clean_up()
