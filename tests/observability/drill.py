"""The drill: the real stack, watched by Prometheus and Alertmanager, with one fault after the other.

`make drill` starts all of it on free ports, waits until nothing fires, and then for each fault: injects it, waits for
every alert that has to come, sees it arrive as a row of the platform (or at the pager, while the platform itself is
down), mends it, and sees it resolved. Durations of the rules are divided by FACTOR, from one source; a table is printed
and written, with the time each took and the time it was allowed: window + for + 60 s, scaled; and what that is in real
time, which for a critical fault has to be below five minutes.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from billing_project.services import ensure
from observability.source import alertmanager, prometheus, rules_files
from observability.source.alerts import ALERTS
from observability.source.durations import SECONDS, Scale
from tests.observability.faults import FAULTS, Company, Fault
from tests.scenarios.conftest import make_company, new_stack
from tests.web.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
FACTOR = 20
SLACK = 60.0
LASTING = {"Watchdog", "ErrorBudgetBurnSlow", "ErrorBudgetBurnFast", "AvailabilityLow"}
"""What goes on firing after a mend, because it looks back for hours."""
TOKEN = "drill-token-0123456789"
BY_NAME = {alert.name: alert for alert in ALERTS}


def duration(marked: str) -> float:
    """Seconds of `<5m>`, unscaled; 0 for none."""
    return 0.0 if not marked else float(int(marked[1:-2]) * SECONDS[marked[-2]])


def allowed(name: str) -> float:
    """Unscaled seconds from the fault to the alert: what it looks back over, what it waits, and a minute."""
    alert = BY_NAME[name]
    return duration(alert.window) + duration(alert.wait) + SLACK


@dataclass
class Pager:
    """Where Alertmanager pages: what fires and what is over, with the moment it was told."""

    port: int = 0
    heard: dict[tuple[str, str], float] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def start(self) -> None:
        pager = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for each in told["alerts"]:
                    pager.heard.setdefault((each["labels"]["alertname"], each["status"]), time.monotonic())
                    pager.texts += each["annotations"].values()
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def forget(self) -> None:
        self.heard.clear()


@dataclass
class Row:
    """One line of the table."""

    fault: str
    alert: str
    severity: str
    came: float | None
    within: float
    in_table: bool
    resolved: bool

    @property
    def well(self) -> bool:
        return self.came is not None and self.came <= self.within and self.in_table and self.resolved


class Watch:
    """Prometheus and Alertmanager beside a running stack."""

    def __init__(self, folder: Path, stack: Any, scale: Scale, pager: Pager, ports: tuple[int, int]) -> None:
        self.folder, self.scale = folder, scale
        self.prometheus, self.alertmanager = (f"http://127.0.0.1:{port}" for port in ports)
        (folder / "templates").mkdir(parents=True)
        (folder / "token").write_text(TOKEN)
        (folder / "alerting.yaml").write_text(rules_files.alerting(scale))
        (folder / "recording.yaml").write_text(rules_files.recording(scale))
        targets = prometheus.Targets(
            api=[f"127.0.0.1:{stack.port}"], worker=(), beat=(), alertmanager=[f"127.0.0.1:{ports[1]}"],
            environment="drill", exporters=False, token_file="",
        )  # fmt: skip
        (folder / "prometheus.yml").write_text(prometheus.config(scale, targets))
        platform = alertmanager.Platform(f"{stack.url}/internal/alerts", str(folder / "token"))
        text = alertmanager.config(scale, platform, people=False)
        pages = f"  - name: pager\n    webhook_configs:\n      - url: http://127.0.0.1:{pager.port}/\n"
        route = "    - receiver: pager\n      group_by: ['...']\n      group_wait: 0s\n      group_interval: 1s\n"
        text = text.replace("      continue: true\n", f"      continue: true\n{route}") + pages
        (folder / "alertmanager.yml").write_text(text)

    def commands(self) -> list[tuple[str, list[str]]]:
        tools = ROOT / ".tools" / "monitoring"
        return [
            ("alertmanager", [
                str(tools / "alertmanager"), f"--config.file={self.folder}/alertmanager.yml",
                f"--storage.path={self.folder}/alertmanager", "--cluster.listen-address=",
                f"--web.listen-address={self.alertmanager.removeprefix('http://')}",
            ]),
            ("prometheus", [
                str(tools / "prometheus"), f"--config.file={self.folder}/prometheus.yml",
                f"--storage.tsdb.path={self.folder}/prometheus", "--log.level=warn",
                f"--web.listen-address={self.prometheus.removeprefix('http://')}",
            ]),
        ]  # fmt: skip

    def firing(self) -> set[str]:
        with urlopen(f"{self.prometheus}/api/v1/alerts", timeout=5) as answer:
            found = json.load(answer)["data"]["alerts"]
        return {each["labels"]["alertname"] for each in found if each["state"] == "firing"}


@dataclass
class Drill:
    """One drill."""

    stack: Any
    watch: Watch
    pager: Pager
    company: Company
    scale: Scale
    say: Callable[[str], None]

    def quiet(self, allowed_to_fire: set[str], patience: float = 300) -> bool:
        """Nothing fires but what has to."""
        return self.waited(lambda: self.watch.firing() <= allowed_to_fire | LASTING, patience)

    def waited(self, condition: Callable[[], bool], patience: float) -> bool:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            try:
                if condition():
                    return True
            except OSError:
                pass
            time.sleep(0.25)
        return False

    def run(self, fault: Fault, background: set[str]) -> list[Row]:
        if not self.quiet(background):
            self.say(f"  still firing: {self.watch.firing()}")
        self.pager.forget()
        with fault.injected(self.stack, self.company, self.scale):
            started = time.monotonic()
            last = max(allowed(name) for name in fault.alerts) / self.scale.factor + SLACK
            self.waited(lambda: all((name, "firing") in self.pager.heard for name in fault.alerts), last)
        paged = {name: self.pager.heard.get((name, "firing")) for name in fault.alerts}
        rows = []
        for name in fault.alerts:
            moment = paged[name]
            resolved = moment is not None and self.waited(lambda name=name: (name, "resolved") in self.pager.heard, 180)
            stored = resolved and self.waited(lambda name=name: self.kept(name), 60)
            within = allowed(name) / self.scale.factor + SLACK * (1 - 1 / self.scale.factor)
            came = None if moment is None else moment - started
            rows.append(Row(fault.name, name, BY_NAME[name].severity, came, within, bool(stored), resolved))
        return rows

    def kept(self, name: str) -> bool:
        """As a row of the platform's, resolved."""
        found = self.stack.rows(
            f"SELECT count(*) FROM monitoring_alert WHERE alert_name = '{name}' AND resolved_at IS NOT NULL"
        )
        return bool(found[0][0])


def table(rows: list[Row], factor: int) -> str:
    lines = [
        f"| fault | alert | severity | came after | allowed | by {factor} | row | resolved | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        came = "never" if row.came is None else f"{row.came:.0f} s"
        real = "" if row.came is None else f"{row.came * factor:.0f} s"
        words = ["yes" if each else "NO" for each in (row.in_table, row.resolved)]
        verdict = "ok" if row.well else "FAILED"
        lines.append(
            f"| {row.fault} | {row.alert} | {row.severity} | {came} | {row.within:.0f} s | {real} |"
            f" {words[0]} | {words[1]} | {verdict} |"
        )
    return "\n".join(lines) + "\n"


def paged_in_time(rows: list[Row], factor: int) -> list[str]:
    """Critical faults of which no alert came within five minutes of real time (SC-042)."""
    faults: dict[str, list[Row]] = {}
    for row in rows:
        faults.setdefault(row.fault, []).append(row)
    return [
        name
        for name, found in faults.items()
        if next(fault for fault in FAULTS if fault.name == name).critical
        and not any(row.came is not None and row.came * factor < 300 for row in found)
    ]


def main() -> int:
    arguments = argparse.ArgumentParser(prog="drill", description=__doc__)
    arguments.add_argument("--factor", type=int, default=FACTOR)
    arguments.add_argument("--only", nargs="*", default=[], help="names of faults")
    arguments.add_argument("--table", type=Path, help="where the table is written, too")
    given = arguments.parse_args()
    # Ended from outside, it still takes down what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # Only the tables that the stack starts with come from here.
    os.environ.update(ensure(Path(os.environ.setdefault("DATA", str(ROOT / ".data" / "test"))), durable=False))
    scale, pager = Scale(given.factor), Pager()
    pager.start()
    faults = [fault for fault in FAULTS if not given.only or fault.name in given.only]

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    with ExitStack() as held:
        stack = held.enter_context(
            new_stack(
                INTERNAL_TOKEN=TOKEN,
                WEB_WORKERS="1",
                WEB_THREADS="4",
                # As many as threads, so that requests can drain it.
                DATABASE_POOL_SIZE="4",
                # What we look at every so often is looked at more often by the same factor.
                METRICS_MAX_AGE=str(15 / given.factor),
                DEPENDENCY_CHECK_SECONDS=str(10 / given.factor),
            )
        )
        folder = Path(stack.data) / "watch"
        watch = Watch(folder, stack, scale, pager, (free_port(), free_port()))
        assert stack.manage("backup_done", "full").returncode == 0
        for name, command in watch.commands():
            log = held.enter_context((folder / f"{name}.log").open("wb"))
            process = subprocess.Popen(command, stdout=log, stderr=log)
            held.callback(process.wait)
            held.callback(process.terminate)
        company = Company(make_company(stack.client), stack)
        held.enter_context(company.living())
        drill = Drill(stack, watch, pager, company, scale, say)
        # What has no exporter here, or comes with another part, fires or not as it likes.
        rows: list[Row] = []
        say(f"durations divided by {given.factor}; {len(faults)} faults")
        for fault in faults:
            say(f"{fault.name}: {', '.join(fault.alerts)}")
            rows += drill.run(fault, set())
            say(table(rows[-len(fault.alerts) :], given.factor).split("\n", 2)[2].rstrip())
        broken = [text for text in pager.texts if "error" in text.lower() and "expanding" in text]
    text = table(rows, given.factor)
    print(text)
    if given.table:
        given.table.write_text(text)
    late = paged_in_time(rows, given.factor)
    for name in late:
        say(f"not paged within five minutes: {name}")
    for each in broken:
        say(f"a text of an alert is broken: {each}")
    return int(bool(late or broken or not all(row.well for row in rows)))


if __name__ == "__main__":
    sys.exit(main())
