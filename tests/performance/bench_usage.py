"""Usage events a second: `python -m tests.performance.bench_usage [--seconds 60] [--subscriptions 20000]
[--only ingest|rated] [--rated 100000] [--workers 2]`.

On a database of its own, with the web server as `make serve` runs it (two processes of four threads), real HTTP and
durable commits; whoever sends shares the cores. What it is measured against is measured in the same run: the same rows
by COPY and INSERT, and single events by a bare view of Django REST framework. `rated`: a month of subscriptions with
a hundred events each is billed by worker processes, as bench_billing measures what has no usage. Progress on stderr;
the last line on stdout is one JSON object.
"""

import argparse
import importlib
import json
import os
import statistics
import tempfile
from decimal import Decimal
from pathlib import Path

import django
import psycopg
from django.db import connections

from billing_project.services import ensure
from tests import databases
from tests.databases import ROOT
from tests.performance import bench_billing, by_sets
from tests.performance.clients import percentile
from tests.web.servers import serving

BARE = "tests.performance.bare"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of batches; of each other measurement a sixth")
    parser.add_argument("--subscriptions", type=int, default=20_000, help="with a hundred events each, to be added up")
    parser.add_argument("--only", choices=["ingest", "rated"], help="one part of it")
    parser.add_argument("--rated", type=int, default=100_000, help="subscriptions that are billed with their usage")
    parser.add_argument("--events", type=int, default=100, help="of each of those")
    parser.add_argument("--workers", type=int, default=2, help="that bill them")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing_project.settings"
    os.environ.setdefault("DATA", str(ROOT / ".data" / "bench"))
    os.environ.update(ensure(ROOT / os.environ["DATA"], durable=True))
    figures: dict[str, float] = {}
    if options.only in (None, "rated"):
        figures |= rated(options.rated, options.events, options.workers)
    if options.only in (None, "ingest"):
        figures |= _ingest(options.seconds, options.subscriptions)
    print(json.dumps({"benchmark": "usage", **figures}))


def rated(subscriptions: int, events: int, workers: int) -> dict[str, float]:
    """Invoices a second of a run whose subscriptions each have a hundred events to be added up and priced."""
    with bench_billing.filled(subscriptions, metered=True) as name:
        owner_url = bench_billing.owner(name)
        by_sets.run(owner_url, Path(__file__).parent / "rated.sql", **{"bench.events": str(events)})
        ran = bench_billing.race(name, workers, "run", "2026-05-01")
        with psycopg.connect(owner_url) as connection:
            found = connection.execute(
                "SELECT count(*), count(DISTINCT subscription_id), min(quantity), max(quantity),"
                " sum((source ->> 'events')::bigint) FROM invoices_line WHERE kind = 'usage'"
            ).fetchone()
        each = Decimal(events) * Decimal("1.25")
        if found != (subscriptions, subscriptions, each, each, subscriptions * events):
            raise SystemExit(f"not every subscription was billed its events once: {found}")
        bench_billing.child(name, "check")
    return {
        "rated_subscriptions": subscriptions,
        "rated_invoices_per_second": round(ran["per_second"]),
        "rated_cpu_ms_per_invoice": round(ran["cpu"] * 1000 / subscriptions, 3),
    }


def _ingest(seconds: float, subscriptions: int) -> dict[str, float]:
    name = f"billing_usage_{os.getpid()}"
    os.environ["DJANGO_SETTINGS_MODULE"] = BARE
    databases.clone(name)
    os.environ["DATABASE_OWNER_URL"] = owner_url = databases.with_name(databases.owner_url(), name)
    os.environ["DATABASE_URL"] = url = databases.with_name(os.environ["DATABASE_URL"], name)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(importlib.import_module(BARE).TABLE)
    django.setup()
    try:
        return measure(owner_url, url, seconds, subscriptions)
    finally:
        connections.close_all()
        databases.drop(name)


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
        "single_p95_ms": round(percentile(waits, 0.95), 1),
        "million_event_rating_seconds": round(metering.million(owner_url), 3),
        "rated_subscriptions_per_second": round(metering.hundreds(owner_url, subscriptions)),
        "visible_after_seconds": round(visible, 3),
    }


if __name__ == "__main__":
    main()
