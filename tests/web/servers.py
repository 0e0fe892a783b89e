"""Real server processes for tests: the command of production on a free port, with the tests' own views."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLOSED = "postgresql://billing:none@127.0.0.1:1/billing"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    milliseconds: float

    @property
    def json(self) -> dict[str, object]:
        return json.loads(self.body)


@dataclass
class Server:
    port: int
    log: Path
    process: "subprocess.Popen[bytes]"

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | Iterator[bytes] | None = None, timeout: float = 20,
        **headers: str,
    ) -> Answer:  # fmt: skip
        started = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=named)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        seconds = time.perf_counter() - started
        return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, content, seconds * 1000)

    def lines(self, event: str) -> list[dict[str, object]]:
        """The JSON lines of that event in the log."""
        found = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in found if line["event"] == event]

    def line(self, event: str, **fields: object) -> dict[str, object]:
        """The one line of that event with these fields; the log may lag behind the answer."""
        for _ in range(100):
            found = [line for line in self.lines(event) if fields.items() <= line.items()]
            if found:
                assert len(found) == 1
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"no {event} with {fields} in {self.log.read_text()[-2000:]}")


@contextmanager
def serving(
    folder: Path, database: str, *, workers: int = 1, application: str = "billing_project.asgi:application",
    **environment: str,
) -> Iterator[Server]:  # fmt: skip
    port, log, metrics = free_port(), folder / "web.log", folder / "metrics"
    metrics.mkdir()
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.web.settings",
        "DATABASE_URL": database,
        "DATABASE_OWNER_URL": database,
        "WEB_THREADS": "4",
        "DATABASE_POOL_SIZE": "5",
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "LOG_STREAM": "stdout",
        **environment,
    }
    command = [
        sys.executable, "-m", "gunicorn", application, "-k", "billing_project.worker.Worker",
        "--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--graceful-timeout", "10", "--no-control-socket",
    ]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)
    server = Server(port, log, process)
    try:
        _wait_for(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(server: Server) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.process.poll() is None:
        try:
            if server.ask("/health", timeout=2).status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the server does not start:\n{server.log.read_text()[-3000:]}")
