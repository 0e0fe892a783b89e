"""Workers who do whatever comes to mind, all at once: `python -m tests.performance.soak [--seconds 60] [--workers 8]`.

Makes a database of its own, as bench_renew does. Each worker, a process, bills runs and changes, pauses, cancels,
credits, voids and pays on the same accounts; a second is a day. PostgreSQL must count no deadlock, nothing may fail but
by a refusal, and the books must hold at the end. Progress on stderr; the last line on stdout is one JSON object.
"""

import argparse
import importlib
import json
import os
import sys
from typing import Any

import django
from django.db import connections

from billing_project.services import ensure
from tests import databases
from tests.databases import ROOT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--accounts", type=int, default=40)
    parser.add_argument("--keep", action="store_true", help="leave a database whose books do not hold, to look at it")
    options = parser.parse_args()
    name = f"billing_soak_{os.getpid()}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
    os.environ.setdefault("DATA", str(ROOT / ".data" / "bench"))
    os.environ["LOG_LEVEL"] = "CRITICAL"
    os.environ.update(ensure(ROOT / os.environ["DATA"], durable=True))
    print("making a database", file=sys.stderr, flush=True)
    databases.clone(name)
    os.environ["DATABASE_URL"] = databases.with_name(os.environ["DATABASE_URL"], name)
    django.setup()
    # Models can be imported only now.
    soaking = importlib.import_module("tests.performance.soaking")
    figures: dict[str, Any] = {}
    try:
        figures = soaking.soaked(options.seconds, options.workers, options.accounts)
    finally:
        connections.close_all()
        if options.keep and figures.get("broken"):
            print(f"kept: {name}", file=sys.stderr)
        else:
            databases.drop(name)
    print(json.dumps(figures))
    if figures["deadlocks"] or figures["broken"] or figures["errors"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
