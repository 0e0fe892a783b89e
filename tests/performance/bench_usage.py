"""Usage events a second: `python -m tests.performance.bench_usage [--seconds 60] [--subscriptions 20000]`.

On a database of its own, with the web server as `make serve` runs it (two processes of four threads), real HTTP and
durable commits; whoever sends shares the cores. What it is measured against is measured in the same run: the same rows
by COPY and INSERT, and single events by a bare view of Django REST framework. Progress on stderr; the last line on
stdout is one JSON object.
"""

import argparse
import importlib
import json
import os
import statistics
import tempfile
from pathlib import Path

import django
import psycopg
from django.db import connections

from billing_project.services import ensure
from tests import databases
from tests.databases import ROOT
from tests.web.servers import serving

BARE = "tests.performance.bare"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of batches; of each other measurement a sixth")
    parser.add_argument("--subscriptions", type=int, default=20_000, help="with a hundred events each, to be added up")
    options = parser.parse_args()
    name = f"billing_usage_{os.getpid()}"
    os.environ["DJANGO_SETTINGS_MODULE"] = BARE
    os.environ.setdefault("DATA", str(ROOT / ".data" / "bench"))
    os.environ.update(ensure(ROOT / os.environ["DATA"], durable=True))
    databases.clone(name)
    os.environ["DATABASE_OWNER_URL"] = owner_url = databases.with_name(databases.owner_url(), name)
    os.environ["DATABASE_URL"] = url = databases.with_name(os.environ["DATABASE_URL"], name)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(importlib.import_module(BARE).TABLE)
    django.setup()
    try:
        figures = measure(owner_url, url, options.seconds, options.subscriptions)
    finally:
        connections.close_all()
        databases.drop(name)
    print(json.dumps({"benchmark": "usage", **figures}))


def measure(owner_url: str, url: str, seconds: float, subscriptions: int) -> dict[str, float]:
    # Models can be imported only now.
    metering = importlib.import_module("tests.performance.metering")
    owned, key = metering.subscriptions(metering.clock.wall()), metering.api_key()
    part = seconds / 6
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), url, workers=2, DJANGO_SETTINGS_MODULE=BARE, DATABASE_OWNER_URL=owner_url) as server,
    ):
        metering.batches(server.port, key, owned, 2)
        copies = [metering.by_hand(owner_url, owned, part)]
        metering.say(f"by hand: {copies[0]:,.0f} rows/s")
        batched = metering.batches(server.port, key, owned, seconds)
        metering.say(f"batches: {batched:,.0f} events/s")
        copies.append(metering.by_hand(owner_url, owned, part))
        metering.say(f"by hand: {copies[1]:,.0f} rows/s")
        singles, bare, waits = [], [], []
        for _ in range(2):
            bare.append(metering.singles(server.port, "/bare", key, owned, part)[0])
            rate, took = metering.singles(server.port, "/v1/usage", key, owned, part)
            singles.append(rate)
            waits += took
            metering.say(f"bare view: {bare[-1]:,.0f}/s, single events: {rate:,.0f}/s")
        visible = max(metering.visible_after(server.port, key, owned) for _ in range(5))
    metering.say("totals")
    return {
        "events_per_second": round(batched),
        "copy_rows_per_second": round(statistics.mean(copies)),
        "ratio_to_copy": round(batched / statistics.mean(copies), 2),
        "singles_per_second": round(statistics.mean(singles)),
        "single_ratio_to_bare": round(statistics.mean(singles) / statistics.mean(bare), 2),
        "single_p95_ms": round(metering.percentile(waits, 0.95), 1),
        "million_event_rating_seconds": round(metering.million(owner_url), 3),
        "rated_subscriptions_per_second": round(metering.hundreds(owner_url, subscriptions)),
        "visible_after_seconds": round(visible, 3),
    }


if __name__ == "__main__":
    main()
