"""Child processes: they cannot outlive the supervisor, and are recognised by pid and start time."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from billing_project.services.errors import ServiceError

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def started_at(pid: int) -> int | None:
    """The kernel's start time of a living process (clock ticks since boot); a reused pid has another one."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def is_alive(process: Mapping[str, int]) -> bool:
    """Whether the recorded process (`pid`, `started`) still runs."""
    return bool(process) and started_at(process["pid"]) == process["started"]


def end(process: Mapping[str, int], *, how: int = signal.SIGTERM, patience: float = 10) -> None:
    """Ask a recorded process to end, then insist. Does nothing when it is gone or its pid is somebody else's."""
    for signal_number, wait in ((how, patience), (signal.SIGKILL, 5.0)):
        until = time.monotonic() + wait
        if not is_alive(process):
            return
        try:
            os.kill(process["pid"], signal_number)
        except ProcessLookupError:
            return
        while is_alive(process) and time.monotonic() < until:
            time.sleep(0.02)


def free_port(preferred: int | None = None) -> int:
    """The preferred port when nobody listens on it, else one the system chooses."""
    for port in (preferred or 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServiceError("no_free_port", "the system gave no free port on 127.0.0.1", "check that loopback is up")


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@dataclass
class Child:
    """One foreground process of the supervisor."""

    name: str
    command: list[str]
    log: Path
    env: Mapping[str, str]
    stop_signal: int = signal.SIGTERM
    # What the kernel sends when the supervisor dies without a word.
    orphan_signal: int = signal.SIGTERM
    patience: float = 10
    user: int | None = None
    cwd: Path = Path("/")
    port: int | None = None
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    # Once only: a second signal makes some servers drop what they are finishing.
    asked: bool = False

    def start(self) -> None:
        """Spawn in a session of its own, so that Ctrl-C in the terminal reaches the supervisor alone.

        Must be called by the supervisor's main thread: the death signal follows the thread that spawned.
        """
        parent, orphan_signal, self.asked = os.getpid(), self.orphan_signal, False

        def die_with_parent() -> None:
            LIBC.prctl(PR_SET_PDEATHSIG, orphan_signal)
            if os.getppid() != parent:
                os._exit(1)

        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.cwd,
                env=dict(self.env),
                start_new_session=True,
                preexec_fn=die_with_parent,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )

    @property
    def record(self) -> dict[str, int]:
        if self.process is None:
            return {}
        found = {"pid": self.process.pid, "started": started_at(self.process.pid) or 0}
        return found | ({"port": self.port} if self.port else {})

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def wait_until(self, answer: Callable[[], bool], *, wait: float) -> bool:
        """True when it answers; False when it ended or stayed silent."""
        until = time.monotonic() + wait
        while self.is_running() and time.monotonic() < until:
            if answer():
                return True
            time.sleep(0.03)
        return False

    def finish(self, *, wait: float) -> None:
        """For one that ends by itself: wait for it, and end it when it takes too long."""
        if self.process is not None:
            try:
                self.process.wait(wait)
            finally:
                self.stop()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None and not self.asked:
            self.process.send_signal(self.stop_signal)
            self.asked = True

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def last_words(self, lines: int = 12) -> str:
        return tail(self.log, lines)


def start_listening(
    make: Callable[[int], Child], answer: Callable[[int], bool], *, preferred: int | None, wait: float
) -> Child:
    """Start on the port it had before or one the system chooses, and try again when somebody was faster to take it."""
    for attempt in range(5):
        port = free_port(None if attempt else preferred)
        child = make(port)
        child.start()
        if child.wait_until(partial(answer, port), wait=wait):
            return child
        child.stop()
        time.sleep(0.2)
    raise ServiceError(
        f"{child.name}_failed".replace("-", "_"),
        f"{child.name} does not start:\n{child.last_words()}",
        f"read {child.log}",
    )


def tail(path: Path, lines: int = 12) -> str:
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
