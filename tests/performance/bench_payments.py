"""Payments a second, and from invoice to message: `python -m tests.performance.bench_payments [--rate 100]
[--seconds 30] [--accounts 300] [--latency 0.05] [--workers 2]`.

On a database of its own, with the commands of production for Celery's worker and beat, a Stripe sandbox that takes 50
milliseconds over each call, and a mail server that keeps nothing. So many invoices a second are made for so long, each
of another amount, once the workers have done with a first few; they open, charge and record a payment of each, and send
its message with its document, and its receipt. All of it shares the cores. `payments_per_second` is counted from the
first payment to the last; the 99th percentiles are of all invoices, from their commit to the moment the message is
written, and sent. `processor_ms_per_payment` says whose time of the processor it takes; where others share the cores
it is more. Progress on stderr; the last line on stdout is one JSON object.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django
from django.db import connections

from billing_project.services import ensure
from billing_project.services.processes import CELERY, worker_command
from tests import databases
from tests.databases import ROOT
from tests.stripe_sandbox.conftest import KEY, Sandbox


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=100, help="invoices a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--accounts", type=int, default=300, help="with a card each")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds, of each of the gateway's calls")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    name = f"billing_bench_{os.getpid()}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing_project.settings"
    os.environ.setdefault("DATA", str(ROOT / ".data" / "bench"))
    os.environ["LOG_LEVEL"] = "WARNING"
    os.environ.update(ensure(ROOT / os.environ["DATA"], durable=True))
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        sandbox = Sandbox(folder / "stripe")
        held.callback(sandbox.stop)
        sink = held.enter_context(_piped(sys.executable, "-m", "tests.notifications.sink"))
        assert sink.stdout
        port = sink.stdout.readline().strip()
        os.environ.update(STRIPE_API_BASE=sandbox.url, STRIPE_SECRET_KEY=KEY, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port)
        databases.clone(name)
        held.callback(databases.drop, name)
        held.callback(connections.close_all)
        os.environ["DATABASE_URL"] = databases.with_name(os.environ["DATABASE_URL"], name)
        django.setup()
        # Models can be imported only now.
        paying = importlib.import_module("tests.performance.paying")
        payers = paying.payers(options.accounts)
        sandbox.call(
            "POST", "/_sandbox/faults", {"kind": "slow", "operation": "POST /v1/*", "seconds": options.latency}
        )
        with _celery(folder, options.workers) as celery:
            others = {"sandbox": sandbox.process.pid, "mail_server": sink.pid, "this": os.getpid()}
            figures = paying.paid(payers, options.rate, options.seconds, {**celery, **others})
    print(json.dumps({"benchmark": "payments", "workers": options.workers, **figures}))


@contextmanager
def _piped(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process that ends with its input."""
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.communicate()


@contextmanager
def _celery(folder: Path, workers: int) -> Iterator[dict[str, int]]:
    """The worker and beat, as `make serve` runs them; their processes."""
    commands = {
        "workers": [*worker_command(f"bench-{os.getpid()}@localhost"), "-c", str(workers)],
        "beat": [sys.executable, *CELERY, "beat", "-s", str(folder / "beat"), "--pidfile", ""],
    }
    pids = {}
    with ExitStack() as running:
        for name, command in commands.items():
            with (folder / "celery.log").open("ab") as log:
                process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
            running.callback(process.wait)
            running.callback(process.terminate)
            pids[name] = process.pid
        try:
            yield pids
        except SystemExit:
            print((folder / "celery.log").read_text()[-3000:], file=sys.stderr)
            raise


if __name__ == "__main__":
    main()
