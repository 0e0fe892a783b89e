"""Our own processes: how web, worker and beat are started, and what it means that they answer. Only here."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from billing_project.services.children import Child, tail
from billing_project.services.errors import ServiceError
from billing_project.services.folder import Folder

CHECKOUT = Path(__file__).resolve().parents[2]
QUEUES = "events,billing,payments,webhooks,usage,bulk"
CELERY = ("-m", "celery", "-A", "billing_project")
OURS = ("web", "worker", "beat")
WEB_WORKERS, WEB_THREADS, WORKER_CONCURRENCY = "2", "4", "2"
PATIENCE, PREPARE_PATIENCE = 180, 900


def web_command(port: int, env: Mapping[str, str]) -> list[str]:
    return [
        sys.executable, "-m", "gunicorn", "billing_project.asgi:application", "-k", "billing_project.worker.Worker",
        "--bind", f"127.0.0.1:{port}", "--workers", env.get("WEB_WORKERS", WEB_WORKERS),
        "--graceful-timeout", "10", "--no-control-socket",
    ]  # fmt: skip


def worker_command(name: str) -> list[str]:
    return [
        sys.executable, *CELERY, "worker", "-Q", QUEUES, "-c", WORKER_CONCURRENCY, "-n", name,
        "--loglevel", "INFO", "--without-gossip", "--without-mingle",
    ]  # fmt: skip


def beat_command(schedule: Path) -> list[str]:
    # No pid file: the supervisor knows the pid, and a stale file would keep beat from starting after kill -9.
    return [sys.executable, *CELERY, "beat", "--schedule", str(schedule), "--pidfile=", "--loglevel", "INFO"]


@dataclass(frozen=True)
class Stack:
    """Web, worker and beat of one DATA folder on one port, in the environment that leads to their services."""

    folder: Folder
    port: int
    env: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def worker_name(self) -> str:
        """With the port, so that a broker shared with others does not let theirs answer for ours."""
        return f"billing-{self.port}@{socket.gethostname()}"

    @property
    def schedule(self) -> Path:
        return self.folder.run / "beat-schedule"

    def schedules(self) -> list[Path]:
        """Which suffixes the file gets depends on the database library that this Python was built with."""
        return list(self.folder.run.glob(f"{self.schedule.name}*"))

    @property
    def metrics(self) -> Path:
        return self.folder.run / "metrics"

    def of_role(self, role: str, **more: str) -> dict[str, str]:
        """Each role counts in an own, empty folder: numbers of dead processes must not be added up."""
        metrics = self.metrics / role
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(parents=True)
        own = {"BILLING_ROLE": role, "PROMETHEUS_MULTIPROC_DIR": str(metrics), "LOG_STREAM": "stdout"}
        return {**self.env, **own, "DJANGO_SETTINGS_MODULE": "billing_project.settings", **more}

    def prepare(self, show: Callable[[str], None]) -> None:
        """Bring the database up to date as its owner; nothing to do takes about three seconds."""
        show("bringing the tables up to date (the first time takes a minute, up to two on a slow machine)")
        log = self.folder.logs / "prepare.log"
        log.unlink(missing_ok=True)
        child = Child("prepare", [sys.executable, "manage.py", "prepare"], log, self.env, cwd=CHECKOUT)
        child.start()
        started = time.monotonic()
        told, next_word = "", started
        while child.is_running() and time.monotonic() < started + PREPARE_PATIENCE:
            app, done = progress(log)
            if app and (app != told or time.monotonic() > next_word):
                show(f"  {time.monotonic() - started:3.0f} s  {done:3} migrations done, now {app}")
                told, next_word = app, time.monotonic() + 5
            time.sleep(0.2)
        child.stop()
        if child.process is None or child.process.returncode != 0:
            raise ServiceError("prepare_failed", f"the database could not be prepared:\n{tail(log)}", f"read {log}")

    def children(self) -> list[Child]:
        logs = self.folder.logs
        for file in self.schedules():
            file.unlink()
        threads = self.env.get("WEB_THREADS", WEB_THREADS)
        # Two connections more than threads: /metrics and the stream of events read the database beside them.
        connections = self.env.get("DATABASE_POOL_SIZE") or str(int(threads) + 2)
        served = self.metrics_variables()
        web = self.of_role("web", WEB_THREADS=threads, DATABASE_POOL_SIZE=connections, **served["web"])
        worker, beat = self.of_role("worker", **served["worker"]), self.of_role("beat", **served["beat"])
        return [
            Child("web", web_command(self.port, self.env), logs / "web.log", web, cwd=CHECKOUT, patience=15),
            # Orphaned it finishes nothing, because database and broker end in the same moment: SIGQUIT drops its tasks,
            # which are taken up again when their leases have lapsed.
            Child(
                "worker", worker_command(self.worker_name), logs / "worker.log", worker, cwd=CHECKOUT, patience=20,
                orphan_signal=signal.SIGQUIT,
            ),
            Child("beat", beat_command(self.schedule), logs / "beat.log", beat, cwd=CHECKOUT),
        ]  # fmt: skip

    def metrics_variables(self) -> dict[str, dict[str, str]]:
        """Who serves which numbers, never the same twice: web all of them, or with METRICS_PORT each role its own."""
        port = int(self.env.get("METRICS_PORT") or 0)
        if port:
            return {"web": {}, "worker": {"METRICS_PORT": str(port)}, "beat": {"METRICS_PORT": str(port + 1)}}
        return {"web": {"METRICS_ROLES_DIR": str(self.metrics)}, "worker": {}, "beat": {}}

    def wait_until_ready(self, children: list[Child]) -> None:
        answers = {"web": self.web_answers, "worker": self.worker_answers, "beat": self.beat_answers}
        for child in children:
            wait_for(child, answers[child.name])

    def web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5) as answer:  # noqa: S310 - our own http
                return bool(json.load(answer)["ready"])
        except (OSError, urllib.error.URLError, ValueError, KeyError):
            return False

    def worker_answers(self) -> bool:
        """Asked through the broker, as any other client would; without loading Django, which takes seconds."""
        command = [sys.executable, "-m", "celery", "inspect", "ping", "-t", "3", "-d", self.worker_name]
        asked = subprocess.run(
            command, cwd="/", env={**self.env, "CELERY_BROKER_URL": self.env["REDIS_URL"]}, stdin=subprocess.DEVNULL,
            capture_output=True, check=False,
        )  # fmt: skip
        return asked.returncode == 0

    def beat_answers(self) -> bool:
        """Beat writes its timetable once it has read ours and ticks."""
        return bool(self.schedules())


def progress(log: Path) -> tuple[str, int]:
    """The app that is being migrated, "" when none is, and how many migrations are done: from what `migrate` prints."""
    applied = re.findall(r"^  Applying (\w+)\.\w+\.\.\.( OK)?", log.read_text(errors="replace"), re.MULTILINE)
    done = sum(bool(ok) for _, ok in applied)
    return (applied[-1][0] if applied and done < len(applied) else ""), done


def wait_for(child: Child, answers: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while child.is_running() and time.monotonic() < until:
        if answers():
            return
        time.sleep(0.2)
    state = "does not answer" if child.is_running() else "ended"
    raise ServiceError(f"{child.name}_failed", f"{child.name} {state}:\n{child.last_words()}", f"read {child.log}")


def refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ServiceError(
                "port_busy",
                f"port {port} is taken or not allowed: {error.strerror}",
                f"choose another: make serve PORT={port + 1}; or `make stop` if it is a forgotten copy of this",
            ) from error
