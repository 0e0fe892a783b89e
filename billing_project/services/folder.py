"""The DATA folder: where everything lies, the secrets made at set-up, the record of what runs, and the locks.

`services.json` is what runs now; `secrets.json` is made once and kept, so that a restart finds the same passwords.
"""

import fcntl
import json
import os
import secrets
import string
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from billing_project.services.errors import ServiceError

LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Folder:
    """Paths below one DATA folder."""

    root: Path

    @property
    def record(self) -> Path:
        return self.root / "services.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.json"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Scratch files of running processes: safe to delete while nothing runs."""
        return self.root / "run"

    @property
    def sandbox(self) -> Path:
        return self.root / "stripe"

    def make(self) -> None:
        try:
            for path in (self.root, self.logs, self.run, self.sandbox):
                path.mkdir(parents=True, exist_ok=True)
            if not os.access(self.root, os.W_OK | os.X_OK):
                raise PermissionError
        except OSError as error:
            raise ServiceError(
                "data_not_writable",
                f"the DATA folder {self.root} cannot be written",
                "choose another with DATA=<folder>, or run as the user who owns it",
            ) from error

    def read_record(self) -> dict[str, Any]:
        """What the last supervisor wrote; empty when nothing was ever started or the file is torn."""
        try:
            found = json.loads(self.record.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write_record(self, record: dict[str, Any]) -> None:
        write_private(self.record, json.dumps(record, indent=1))

    def read_secrets(self) -> dict[str, str]:
        """The passwords and keys of this DATA, made on the first call."""
        with locked(self.root / "secrets.lock", exclusive=True):
            try:
                kept: dict[str, str] = json.loads(self.secrets.read_text())
            except FileNotFoundError:
                kept = {}
            made = {name: make() for name, make in SECRETS.items() if name not in kept}
            if made:
                kept |= made
                write_private(self.secrets, json.dumps(kept, indent=1))
            return kept


def random_word(length: int) -> str:
    """Letters and digits only, so that a password needs no quoting in a URL."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


SECRETS: dict[str, Callable[[], str]] = {
    "postgres": lambda: random_word(32),
    "owner": lambda: random_word(32),
    "app": lambda: random_word(32),
    "valkey": lambda: random_word(32),
    "secret_key": lambda: random_word(50),
    # Made up here, valid only at the sandbox; the SDK and dj-stripe want the look of a real key.
    "stripe_key": lambda: "sk_test_" + random_word(32),
    "stripe_webhook": lambda: "whsec_" + random_word(32),
}


def write_private(path: Path, text: str) -> None:
    """Written beside and renamed, so that a reader never sees half a file; readable by the owner alone."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    beside.replace(path)


def take(path: Path, *, exclusive: bool, wait: float) -> int | None:
    """An open, locked descriptor, or None when somebody else still holds the lock after `wait` seconds."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                os.close(descriptor)
                return None
            time.sleep(0.05)
        else:
            return descriptor


@contextmanager
def locked(path: Path, *, exclusive: bool, wait: float = 120) -> Iterator[None]:
    descriptor = take(path, exclusive=exclusive, wait=wait)
    if descriptor is None:
        raise ServiceError(
            "data_locked",
            f"another command has held {path} for {wait:.0f} seconds",
            "look with `python manage.py services status`; `make stop` ends what runs on this DATA folder",
        )
    try:
        yield
    finally:
        os.close(descriptor)
