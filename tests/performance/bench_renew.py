"""Renewals a second: `python -m tests.performance.bench_renew [--subscriptions 2000] [--batch 500] [--profile]`.

Makes a database of its own beside the configured one (DATA's services are started if need be, durable as in
production), has it filled and renewed by `renewing`, and drops it. Progress on stderr; the last line on stdout is one
JSON object.
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
    parser.add_argument("--subscriptions", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--profile", action="store_true", help="print where the time goes, by cProfile")
    options = parser.parse_args()
    name = f"billing_bench_{os.getpid()}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
    os.environ.setdefault("DATA", str(ROOT / ".data" / "bench"))
    os.environ.update(ensure(ROOT / os.environ["DATA"], durable=True))
    print("making a database", file=sys.stderr, flush=True)
    databases.clone(name)
    os.environ["DATABASE_URL"] = databases.with_name(os.environ["DATABASE_URL"], name)
    django.setup()
    # Models can be imported only now.
    renewing = importlib.import_module("tests.performance.renewing")
    try:
        figures = renewing.measure(options.subscriptions, options.batch, profile=options.profile)
    finally:
        connections.close_all()
        databases.drop(name)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
