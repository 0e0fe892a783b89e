"""Years on a test clock: `python -m tests.performance.bench_clock [--subscriptions 1000] [--years 10]`.

Makes a database of its own beside the configured one, as bench_renew does: accounts without payment method on one test
clock, their anchors spread over the month, and advances it by one call of so many years. Progress on stderr; the last
line on stdout is one JSON object.
"""

import argparse
import importlib
import json
import os
import sys

import django
from django.db import connections

from billing_project.services import ensure
from tests import databases
from tests.databases import ROOT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=1000)
    parser.add_argument("--years", type=int, default=10)
    options = parser.parse_args()
    name = f"billing_bench_{os.getpid()}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
    os.environ.setdefault("DATA", str(ROOT / ".data" / "bench"))
    os.environ["BILLING_TEST_CLOCKS"] = "1"
    os.environ.update(ensure(ROOT / os.environ["DATA"], durable=True))
    print("making a database", file=sys.stderr, flush=True)
    databases.clone(name)
    os.environ["DATABASE_URL"] = databases.with_name(os.environ["DATABASE_URL"], name)
    django.setup()
    # Models can be imported only now.
    ageing = importlib.import_module("tests.performance.ageing")
    try:
        figures = ageing.measure(options.subscriptions, options.years)
    finally:
        connections.close_all()
        databases.drop(name)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
