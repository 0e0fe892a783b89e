"""What metrics and logs cost a request: `python -m tests.performance.bench_observability [--requests 400]`.

One web server of production answers some requests as it is, and others without request line, counters and timed
queries. Rounds alternate; what is compared is the processor time of the server's processes for a request, which a busy
machine disturbs less than time on the clock. Ends with 1 above 5 %. The last line on stdout is one JSON object.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

import django
from django.db import connections

from billing_project.services import ensure
from tests import databases
from tests.databases import ROOT
from tests.web.servers import Server, serving

MOST = 0.05
SERVER = "tests.performance.unobserved:application"
# What integrations ask most: a page of a list, and one object.
PATHS = ("/v1/accounts?limit=20", "/v1/plans")


def family(pid: int) -> list[Path]:
    """A process and its children."""
    parents = {int(path.name): path for path in Path("/proc").iterdir() if path.name.isdigit()}
    found = [parents[pid]]
    for path in parents.values():
        try:
            parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == pid:
            found.append(path)
    return found


def processor(processes: list[Path]) -> int:
    """Their nanoseconds so far: those of /proc/PID/stat come in hundredths of a second."""
    return sum(int(each.read_text().split()[0]) for path in processes for each in path.glob("task/*/schedstat"))


def round_of(server: Server, processes: list[Path], key: str, requests: int, kind: str) -> float:
    """Milliseconds of processor for a request. With the last one all that waits is counted and written."""
    headers = {"Authorization": f"Bearer {key}"} | ({"X-Unobserved": "1"} if kind == "without" else {})
    before = processor(processes)
    for turn in range(requests):
        last = {"X-Last": "1"} if turn == requests - 1 else {}
        answer = server.ask(PATHS[turn % len(PATHS)], **headers, **last)
        assert answer.status == 200, answer.body
    return (processor(processes) - before) / 1e6 / requests


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20, help="of each round")
    parser.add_argument("--rounds", type=int, default=300)
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
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(Path(folder), url, application=SERVER, DJANGO_SETTINGS_MODULE="billing_project.settings") as server,
        ):
            kinds, processes = sorted(figures), family(server.process.pid)
            for kind in kinds:
                round_of(server, processes, key, 100, kind)
            for turn in range(options.rounds):
                for kind in kinds[:: -1 if turn % 2 else 1]:
                    figures[kind].append(round_of(server, processes, key, options.requests, kind))
                if turn % 50 == 0:
                    print(*(f"{kind}: {figures[kind][-1]:.3f} ms" for kind in kinds), file=sys.stderr)
            assert len(server.lines("request_finished")) == 100 + options.rounds * options.requests
    finally:
        connections.close_all()
        databases.drop(name)
    observed, bare = statistics.median(figures["with"]), statistics.median(figures["without"])
    # Of each pair of rounds, which had the same neighbours.
    share = statistics.median(with_ / without for with_, without in zip(*figures.values(), strict=True)) - 1
    print(json.dumps({
        "benchmark": "observability", "cpu_ms_with": round(observed, 3), "cpu_ms_without": round(bare, 3),
        "share": round(share, 4), "allowed": MOST,
    }))  # fmt: skip
    return int(share > MOST)


if __name__ == "__main__":
    sys.exit(main())
