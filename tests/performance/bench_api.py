"""Milliseconds of the API under load: `python -m tests.performance.bench_api [--invoices 1000000] [--seconds 10]
[--only NAME]`.

On the database of bench_admin (a million invoices, 127,000 subscriptions, 100,000 accounts), which is filled once and
kept. The web server as `make serve` runs it, sixteen connections that each ask again as soon as they are answered;
whoever asks shares the cores, so these milliseconds are those of a server that never rests. Beside every GET of one
object, a bare view of Django REST framework shows the same rows in the same run. A table on stdout, its last line one
JSON object; progress on stderr.
"""

import argparse
import importlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from billing_project.services import ensure
from tests.databases import ROOT
from tests.performance import books
from tests.performance.clients import Answered, asking, percentile
from tests.web.servers import serving

BARE = "tests.performance.bare"
CONNECTIONS = 16
GOALS = {"create_subscription": 150, "graphql": 100, "access": 10}
GOAL = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10, help="of each kind of request")
    parser.add_argument("--only", default="", help="only the kinds whose name holds this")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing_project.settings"
    os.environ.setdefault("DATA", str(ROOT / ".data" / "bench-admin"))
    os.environ.update(ensure(ROOT / os.environ["DATA"], durable=True))
    owner_url = books.ready(options.invoices)
    os.environ["DJANGO_SETTINGS_MODULE"] = BARE
    # Models can be imported only now.
    importlib.import_module("django").setup()
    kinds = importlib.import_module("tests.performance.asked").kinds()
    key = importlib.import_module("tests.performance.metering").api_key()
    figures: dict[str, Any] = {"benchmark": "api", "invoices": options.invoices}
    print(f"{'request':<24}{'a second':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'goal':>7}")
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(
            Path(folder), os.environ["DATABASE_URL"], workers=2, DJANGO_SETTINGS_MODULE=BARE,
            DATABASE_OWNER_URL=owner_url,
        ) as server,
    ):  # fmt: skip
        for name, kind in kinds.items():
            if options.only in name:
                connections = kind.connections or CONNECTIONS
                asking(server.port, key, kind.following, connections, options.seconds / 5)
                answers, took = asking(server.port, key, kind.following, connections, options.seconds)
                figures |= _told(name, answers, took, kind.status)
    for name in [name for name in figures if name.endswith("_bare_per_second")]:
        own = name.replace("_bare_", "_")
        figures[own.replace("_per_second", "_ratio_to_bare")] = round(figures[own] / figures[name], 2)
    print(json.dumps(figures))


def _told(name: str, answers: list[Answered], took: float, status: int) -> dict[str, float]:
    if wrong := [each for each in answers if each.status != status]:
        raise SystemExit(f"{name}: {len(wrong)} of {len(answers)} are not {status}: {wrong[0].body[:500]!r}")
    waits = [each.seconds * 1000 for each in answers]
    p50, p95, p99 = (percentile(waits, share) for share in (0.5, 0.95, 0.99))
    goal = "" if "bare" in name else GOALS.get(name, GOAL)
    print(f"{name:<24}{len(answers) / took:>10,.0f}{p50:>9.1f}{p95:>9.1f}{p99:>9.1f}{goal:>7}", flush=True)
    return {
        f"{name}_per_second": round(len(answers) / took),
        f"{name}_p95_ms": round(p95, 1),
        f"{name}_p99_ms": round(p99, 1),
    }


if __name__ == "__main__":
    main()
