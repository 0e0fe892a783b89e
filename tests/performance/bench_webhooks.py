"""From commit to webhook received: `python -m tests.performance.bench_webhooks [--rate 200] [--seconds 20]
[--backlog 10000] [--streams 1000] [--workers 2]`.

On a database of its own, with the commands of production for Celery's worker and beat, and receivers in a process of
their own. Ten endpoints hear a type of event each, one of them never answers. `commit_to_received_p99_seconds` is of
the nine others at a steady rate; `deliveries_per_second` of a backlog that waits for them, from the first to the last;
`streams` is how much more memory one web process takes for streams that hear nothing. All of it shares the cores.
Progress on stderr; the last line on stdout is one JSON object.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django
from django.db import connections

from billing_project.services import ensure
from tests import databases
from tests.databases import ROOT
from tests.performance.bench_payments import _celery
from tests.web.servers import free_port

PATIENCE = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=200, help="events a second")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--backlog", type=int, default=10_000)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    name = f"billing_bench_{os.getpid()}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing_project.settings"
    os.environ.setdefault("DATA", str(ROOT / ".data" / "bench"))
    os.environ.update(LOG_LEVEL="WARNING", WEBHOOK_ALLOWED_NETWORKS="127.0.0.0/8")
    os.environ.update(ensure(ROOT / os.environ["DATA"], durable=True))
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        databases.clone(name)
        held.callback(databases.drop, name)
        held.callback(connections.close_all)
        os.environ["DATABASE_URL"] = databases.with_name(os.environ["DATABASE_URL"], name)
        django.setup()
        # Models can be imported only now.
        hooking = importlib.import_module("tests.performance.hooking")
        ports = [free_port() for _ in hooking.TYPES]
        receivers = subprocess.Popen(
            [sys.executable, "-m", "tests.performance.hooked", *map(str, ports)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        held.callback(receivers.wait)
        held.callback(receivers.terminate)

        def told() -> Any:
            receivers.stdin.write("\n")  # type: ignore[union-attr]
            receivers.stdin.flush()  # type: ignore[union-attr]
            return json.loads(receivers.stdout.readline())  # type: ignore[union-attr]

        receivers.stdout.readline()  # type: ignore[union-attr]
        hooking.endpoints(ports)
        with _celery(folder, options.workers):
            hooking.announce(10)
            _until(lambda: told()["number"] >= 1)
            figures = {"steady": hooking.steady(options.rate, options.seconds, told)}
        hooking.backlog(options.backlog)
        told()
        with _celery(folder, options.workers):
            time.sleep(1)
            drained: list[Any] = []
            _until(lambda: sum(_noted(drained, told())) >= options.backlog)
        seconds = max(each["last"] for each in drained) - min(each["first"] for each in drained)
        (folder / "web").mkdir()
        streams = hooking.idle_streams(folder / "web", options.streams) if options.streams else {}
    steady = figures["steady"]
    print(
        json.dumps(
            {
                "benchmark": "webhooks",
                "workers": options.workers,
                "events_per_second": options.rate,
                "received": steady["number"],
                "commit_to_received_p50_seconds": round(steady["p50"], 3),
                "commit_to_received_p99_seconds": round(steady["p99"], 3),
                "backlog": options.backlog,
                "deliveries_per_second": round(options.backlog / seconds),
                "streams": streams,
            }
        )
    )


def _noted(drained: list[Any], shown: Any) -> list[int]:
    if shown["number"]:
        drained.append(shown)
    return [each["number"] for each in drained]


def _until(done: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit("it does not come to an end")
        time.sleep(2)


if __name__ == "__main__":
    main()
