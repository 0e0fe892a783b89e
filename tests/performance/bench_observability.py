"""What metrics and logs cost a request: `python -m tests.performance.bench_observability [--requests 400]`.

The web server of production twice, on one database: as it is, and without request line, counters and timed queries.
Rounds alternate; what is compared is the processor time of the server's processes for a request, which a busy machine
disturbs less than time on the clock. Ends with 1 above 5 %. The last line on stdout is one JSON object.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import django
from django.db import connections

from billing_project.services import ensure
from tests import databases
from tests.databases import ROOT
from tests.web.servers import Server, serving

MOST = 0.05
SETTINGS = "tests.performance.unobserved"
# What integrations ask most: a page of a list, and one object.
PATHS = ("/v1/accounts?limit=20", "/v1/plans")


def processor(pid: int) -> float:
    """Seconds of a process and of its children, to the nanosecond: those of /proc/PID/stat come in hundredths."""
    total = 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
                if pid in (int(process.name), int(parent)):
                    total += sum(int(each.read_text().split()[0]) for each in process.glob("task/*/schedstat"))
            except OSError:
                continue
    return total / 1e9


def round_of(server: Server, key: str, requests: int) -> float:
    """Milliseconds of processor for a request."""
    before = processor(server.process.pid)
    for turn in range(requests):
        answer = server.ask(PATHS[turn % len(PATHS)], Authorization=f"Bearer {key}")
        assert answer.status == 200, answer.body
    return (processor(server.process.pid) - before) * 1000 / requests


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=400, help="of each round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing_project.settings"
    os.environ.setdefault("DATA", str(ROOT / ".data" / "bench"))
    os.environ.update(ensure(ROOT / os.environ["DATA"], durable=True))
    name = f"billing_observed_{os.getpid()}"
    databases.clone(name)
    os.environ["DATABASE_URL"] = url = databases.with_name(os.environ["DATABASE_URL"], name)
    django.setup()
    # Models can be imported only now.
    from tests.factories.accounts import make_account  # noqa: PLC0415
    from tests.performance import metering  # noqa: PLC0415

    figures: dict[str, list[float]] = {"with": [], "without": []}
    try:
        key = metering.api_key()
        for _ in range(40):
            make_account()
        with ExitStack() as held:
            servers = {}
            for kind, observed in (("with", "1"), ("without", "0")):
                folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
                servers[kind] = held.enter_context(
                    serving(folder, url, DJANGO_SETTINGS_MODULE=SETTINGS, OBSERVED=observed)
                )
                round_of(servers[kind], key, 100)
            for turn in range(options.rounds):
                for kind in sorted(servers, reverse=bool(turn % 2)):
                    figures[kind].append(round_of(servers[kind], key, options.requests))
                    print(f"{kind}: {figures[kind][-1]:.3f} ms", file=sys.stderr)
    finally:
        connections.close_all()
        databases.drop(name)
    observed, bare = statistics.median(figures["with"]), statistics.median(figures["without"])
    share = observed / bare - 1
    print(json.dumps({
        "benchmark": "observability", "cpu_ms_with": round(observed, 3), "cpu_ms_without": round(bare, 3),
        "share": round(share, 4), "allowed": MOST,
    }))  # fmt: skip
    return int(share > MOST)


if __name__ == "__main__":
    sys.exit(main())
