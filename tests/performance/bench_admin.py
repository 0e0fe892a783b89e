"""Milliseconds a page of the back office: `python -m tests.performance.bench_admin [--invoices 1000000] [--explain]`.

Fills a database of its own once (by `books`, some minutes for a million invoices) and keeps it for the next run, which
only brings its tables up to date. Then `visiting` opens each page as a Super Admin, many times, each time with another
row, page, filter or term. A table on stdout, its last line one JSON object; progress on stderr.
"""

import argparse
import importlib
import json
import os

import django

from billing_project.services import ensure
from tests.databases import ROOT
from tests.performance import books


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=1_000_000)
    parser.add_argument("--visits", type=int, default=25, help="requests of each kind of page")
    parser.add_argument("--only", default="", help="only the pages whose name holds this")
    parser.add_argument("--explain", action="store_true", help="show the slowest queries of pages above the goal")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
    os.environ.setdefault("DATA", str(ROOT / ".data" / "bench-admin"))
    os.environ.update(ensure(ROOT / os.environ["DATA"], durable=True))
    books.ready(options.invoices)
    django.setup()
    # Models can be imported only now.
    visiting = importlib.import_module("tests.performance.visiting")
    figures = visiting.measure(options.visits, only=options.only, explain=options.explain)
    print(json.dumps({"benchmark": "admin", "invoices": options.invoices, **figures}))


if __name__ == "__main__":
    main()
