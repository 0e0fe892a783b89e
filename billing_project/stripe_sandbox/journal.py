"""The file on disk: one JSON line per committed change, appended and fsynced, compacted when the server starts.

A line without its newline is a change that was never answered (the process died while writing it), so it is ignored.
Appending and syncing are two steps, so that several requests share one fsync; whoever answers waits for `sync` first.
"""

import fcntl
import json
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

FILE_NAME = "journal.jsonl"


class JournalError(Exception):
    """The data folder cannot be used; the message says why and what to do."""


class Journal:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE_NAME
        self._lock_fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock_fd)
            raise JournalError(f"{folder} is in use by another sandbox; stop it or choose another --data") from None
        self._fd = -1
        self._size = 0
        self._sync_lock = threading.Lock()
        self.written = 0
        self._synced = 0

    def read(self) -> Iterator[dict[str, Any]]:
        """Every whole line, oldest first."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield json.loads(line)
                except ValueError:
                    raise JournalError(
                        f"{self.path} line {number} is damaged; restore the file or delete it to start empty"
                    ) from None

    def rewrite(self, records: Iterable[dict[str, Any]]) -> None:
        """Replace the file by these records, in one rename, and open it for appending."""
        fresh = self.path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.writelines(_line(record) for record in records)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        folder_fd = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(folder_fd)
        os.close(folder_fd)
        self._fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._size = os.fstat(self._fd).st_size

    def append(self, record: dict[str, Any]) -> int:
        """Write one change; returns the ticket to `sync`. The caller holds the store's lock."""
        data = _line(record)
        written = 0
        try:
            while written < len(data):
                written += os.write(self._fd, data[written:])
        except OSError:
            # A full disk must not leave half a line in front of the next change.
            os.ftruncate(self._fd, self._size)
            raise
        self._size += len(data)
        self.written += 1
        return self.written

    def sync(self, ticket: int) -> None:
        """Return when the change with this ticket, and all before it, are on disk."""
        if self._synced >= ticket:
            return
        with self._sync_lock:
            if self._synced >= ticket:
                return
            reached = self.written
            os.fdatasync(self._fd)
            self._synced = reached

    def close(self) -> None:
        if self._fd >= 0:
            os.fsync(self._fd)
            os.close(self._fd)
            self._fd = -1
        os.close(self._lock_fd)


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
