"""The service levels under load, with a verdict for each: `python -m tests.performance.load [--seconds 60] [--rate 20]
[--events 10000] [--subscriptions 20000] [--report FILE]`.

A platform as `make serve` starts it, on a folder of its own. Customers' applications send so many requests a second
(seven of ten read, two create an account, one subscribes it) whether the last was answered or not; others send so many
usage events a minute in batches of a hundred. Latency is what they see; queries are as the platform counts them.
Webhooks of all that happens go to a receiver of ours: first calls count. Invoices a second are those of
`bench_billing`. All of it shares the cores. Writes a report with charts. Ends with 1 when a level is missed; the last
line is one JSON object.
"""

import argparse
import json
import math
import os
import queue
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

from billing_project.services import ensure
from tests.databases import ROOT
from tests.performance.report import Level, report
from tests.scenarios.conftest import Company, make_company, new_stack
from tests.scenarios.stack import Stack

SENDERS, BATCH = 16, 100
SETTLED = 10
"""Seconds after which webhooks of the last request are out, and counted."""
TIERS = {"USD": {"tiers": [{"up_to": None, "unit_price": "1"}]}}
MIX = ("read",) * 7 + ("account",) * 2 + ("subscribe",)


@dataclass
class Seen:
    """What customers' applications saw."""

    # When it was due, from the beginning, and how long the answer took.
    waits: list[tuple[float, float]] = field(default_factory=list)
    failed: int = 0
    late: int = 0
    events: int = 0


class Load:
    """Requests at a steady rate: one that waits delays no other."""

    def __init__(self, stack: Stack, company: Company, random_: random.Random) -> None:
        self.stack, self.company, self.random = stack, company, random_
        self.seen, self.lock, self.started = Seen(), threading.Lock(), 0.0
        self.customers = [company.customer() for _ in range(10)]
        charge = {"key": "calls", "metric": "calls", "model": "per_unit", "prices": TIERS}
        plan = stack.client.post(
            "/v1/plans",
            {"key": f"metered-{uuid4().hex[:8]}", "name": "Metered", "interval": "month", "prices": {"USD": 0},
             "charges": [charge]},
        )  # fmt: skip
        wish = {"account_id": self.customers[0], "plan_id": plan["id"]}
        self.metered = stack.client.post("/v1/subscriptions", wish)["id"]

    def read(self) -> Any:
        account = self.random.choice(self.customers)
        path = self.random.choice(
            (f"/v1/accounts/{account}", f"/v1/invoices?account_id={account}&limit=20", "/v1/plans")
        )
        return self.stack.client.send("GET", path)

    def account(self) -> Any:
        return self.stack.client.send(
            "POST", "/v1/accounts", {"name": "Ada", "email": "a@example.com", "currency": "USD"}
        )

    def subscribe(self) -> Any:
        account = self.stack.client.post("/v1/accounts", {"name": "Ada", "email": "a@example.com", "currency": "USD"})
        return self.stack.client.send("POST", "/v1/subscriptions", self.company.wish(account["id"]))

    def batch(self) -> Any:
        now = datetime.now(UTC).isoformat()
        events = [
            {"subscription_id": self.metered, "metric": "calls", "quantity": 1, "timestamp": now,
             "idempotency_key": uuid4().hex}
            for _ in range(BATCH)
        ]  # fmt: skip
        answer = self.stack.client.send("POST", "/v1/usage/batch", events)
        if answer.status < 300:
            with self.lock:
                self.seen.events += BATCH
        return answer

    def run(self, seconds: float, rate: float, events_a_minute: float) -> Seen:
        due: queue.Queue[tuple[float, Callable[[], Any]] | None] = queue.Queue()
        senders = [threading.Thread(target=self._send, args=(due,), daemon=True) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        self.started = started = time.monotonic()
        calls = [(turn / rate, getattr(self, self.random.choice(MIX))) for turn in range(int(seconds * rate))]
        batches = math.ceil(events_a_minute / 60 * seconds / BATCH)
        calls += [(turn * seconds / batches, self.batch) for turn in range(batches)]
        for at, call in sorted(calls, key=lambda each: each[0]):
            time.sleep(max(0.0, started + at - time.monotonic()))
            due.put((started + at, call))
        for _ in senders:
            due.put(None)
        for sender in senders:
            sender.join()
        return self.seen

    def _send(self, due: "queue.Queue[tuple[float, Callable[[], Any]] | None]") -> None:
        while (wanted := due.get()) is not None:
            at, call = wanted
            late = time.monotonic() - at > 0.05
            try:
                answer = call()
                failed = not 200 <= answer.status < 500
                seconds = answer.seconds
            except AssertionError:
                failed, seconds = True, 0.0
            with self.lock:
                self.seen.failed += failed
                self.seen.late += late
                self.seen.waits.append((at - self.started, seconds))


@contextmanager
def receiving() -> Iterator[str]:
    """A receiver of webhooks that takes all."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def query_p99(numbers: dict[str, float], before: dict[str, float]) -> float:
    """The edge below which 99 % of the queries of the load lie."""
    buckets: dict[float, float] = {}
    for name, value in numbers.items():
        if name.startswith("db_query_duration_seconds_bucket"):
            edge = float(name.split('le="')[1].split('"')[0])
            buckets[edge] = buckets.get(edge, 0) + value - before.get(name, 0)
    total = buckets[float("inf")]
    return min(edge for edge, value in buckets.items() if value >= 0.99 * total)


def first_calls(numbers: dict[str, float], before: dict[str, float]) -> float:
    """Of a hundred calls of the endpoint, those that delivered."""
    name = "webhook_deliveries_total{outcome="
    made = {each: value - before.get(each, 0) for each, value in numbers.items() if each.startswith(name)}
    return 100 * sum(value for each, value in made.items() if "delivered" in each) / sum(made.values())


def invoices_a_second(subscriptions: int) -> float:
    command = [
        sys.executable,
        "-m",
        "tests.performance.bench_billing",
        "--only",
        "run",
        "--subscriptions",
        str(subscriptions),
    ]
    said = subprocess.run(command, env=os.environ, stdout=subprocess.PIPE, text=True, check=True).stdout
    figures = json.loads(said.splitlines()[-1])
    return float(figures["invoices_per_second"])


def verdicts(seen: Seen, seconds: float, query: float, webhooks: float, invoices: float | None) -> list[Level]:
    cuts = statistics.quantiles([wait for _, wait in seen.waits], n=100)
    p95, p99 = cuts[94] * 1000, cuts[98] * 1000
    errors = seen.failed / len(seen.waits) * 100
    usage = seen.events * 60 / seconds
    found = [
        Level("API latency p95", "<", 200, p95, "ms", p95 < 200),
        Level("API latency p99", "<", 500, p99, "ms", p99 < 500),
        Level("database query p99", "<=", 50, query * 1000, "ms", query <= 0.05),
        Level("error rate", "<", 0.1, errors, "%", errors < 0.1),
        Level("usage ingestion", ">=", 10_000, usage, "events/min", usage >= 9_990),
        Level("webhook delivery", ">", 99, webhooks, "%", webhooks > 99),
    ]
    if invoices is not None:
        found.append(Level("invoice generation", ">=", 100, invoices, "/s", invoices >= 100))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=20, help="requests a second beside the usage")
    parser.add_argument("--events", type=float, default=10_000, help="usage events a minute")
    parser.add_argument("--subscriptions", type=int, default=20_000, help="of the run; 0: no run")
    parser.add_argument("--report", type=Path, default=ROOT / ".data" / "load.html")
    options = parser.parse_args()
    os.environ.update(ensure(Path(os.environ.setdefault("DATA", str(ROOT / ".data" / "test"))), durable=False))
    with receiving() as url, new_stack(WEBHOOK_ALLOWED_NETWORKS="127.0.0.0/8") as stack:
        stack.client.post("/v1/webhook-endpoints", {"url": url, "event_types": ["*"]})
        load = Load(stack, make_company(stack.client), random.Random(7))
        load.run(5, options.rate, options.events)
        load.seen = Seen()
        before = stack.numbers()
        seen = load.run(options.seconds, options.rate, options.events)
        time.sleep(SETTLED)
        after = stack.numbers()
        query, webhooks = query_p99(after, before), first_calls(after, before)
    invoices = invoices_a_second(options.subscriptions) if options.subscriptions else None
    levels = verdicts(seen, options.seconds, query, webhooks, invoices)
    print("| level | target | measured | |\n| --- | --- | --- | --- |", file=sys.stderr)
    for each in levels:
        verdict = "kept" if each.kept else "MISSED"
        print(
            f"| {each.name} | {each.sign} {each.target:,} {each.unit} | {each.measured:,.1f} | {verdict} |",
            file=sys.stderr,
        )
    print(f"{len(seen.waits)} requests, {seen.late} sent late by our own senders", file=sys.stderr)
    options.report.write_text(report(levels, seen.waits))
    print(f"with charts: {options.report}", file=sys.stderr)
    print(json.dumps({
        "benchmark": "load", "requests": len(seen.waits), "late": seen.late,
        **{each.name: round(each.measured, 2) for each in levels}, "kept": all(each.kept for each in levels),
    }))  # fmt: skip
    return int(not all(each.kept for each in levels))


if __name__ == "__main__":
    sys.exit(main())
