"""The service levels under load, with a verdict for each: `python -m tests.performance.load [--seconds 60] [--rate 20]
[--events 10000] [--subscriptions 20000]`.

A platform as `make serve` starts it, on a folder of its own. Customers' applications send so many requests a second
(seven of ten read, two create an account, one subscribes it) whether the last was answered or not; others send so many
usage events a minute in batches of a hundred. Latency is what they see; queries are as the platform counts them.
Invoices a second are those of `bench_billing`. All of it shares the cores. Ends with 1 when a level is missed; the last
line is one JSON object.
"""

import argparse
import json
import os
import queue
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from billing_project.services import ensure
from tests.databases import ROOT
from tests.scenarios.conftest import Company, make_company, new_stack
from tests.scenarios.stack import Stack

SENDERS, BATCH = 16, 100
TIERS = {"USD": {"tiers": [{"up_to": None, "unit_price": "1"}]}}
MIX = ("read",) * 7 + ("account",) * 2 + ("subscribe",)


@dataclass
class Seen:
    """What customers' applications saw."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    late: int = 0
    events: int = 0


@dataclass(frozen=True)
class Level:
    """A target, what was measured, and whether that is good enough."""

    name: str
    target: str
    measured: float
    unit: str
    kept: bool


class Load:
    """Requests at a steady rate: one that waits delays no other."""

    def __init__(self, stack: Stack, company: Company, random_: random.Random) -> None:
        self.stack, self.company, self.random = stack, company, random_
        self.seen, self.lock = Seen(), threading.Lock()
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
        started = time.monotonic()
        calls = [(turn / rate, getattr(self, self.random.choice(MIX))) for turn in range(int(seconds * rate))]
        batches = int(events_a_minute / 60 * seconds / BATCH)
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
                self.seen.seconds.append(seconds)


def query_p99(numbers: dict[str, float], before: dict[str, float]) -> float:
    """The edge below which 99 % of the queries of the load lie."""
    buckets: dict[float, float] = {}
    for name, value in numbers.items():
        if name.startswith("db_query_duration_seconds_bucket"):
            edge = float(name.split('le="')[1].split('"')[0])
            buckets[edge] = buckets.get(edge, 0) + value - before.get(name, 0)
    total = buckets[float("inf")]
    return min(edge for edge, value in buckets.items() if value >= 0.99 * total)


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


def verdicts(seen: Seen, seconds: float, query: float, invoices: float | None) -> list[Level]:
    cuts = statistics.quantiles(seen.seconds, n=100)
    p95, p99 = cuts[94] * 1000, cuts[98] * 1000
    errors = seen.failed / len(seen.seconds) * 100
    usage = seen.events * 60 / seconds
    found = [
        Level("API latency p95", "< 200", p95, "ms", p95 < 200),
        Level("API latency p99", "< 500", p99, "ms", p99 < 500),
        Level("database query p99", "<= 50", query * 1000, "ms", query <= 0.05),
        Level("error rate", "< 0.1", errors, "%", errors < 0.1),
        Level("usage ingestion", ">= 10,000", usage, "events/min", usage >= 9_990),
    ]
    if invoices is not None:
        found.append(Level("invoice generation", ">= 100", invoices, "/s", invoices >= 100))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=20, help="requests a second beside the usage")
    parser.add_argument("--events", type=float, default=10_000, help="usage events a minute")
    parser.add_argument("--subscriptions", type=int, default=20_000, help="of the run; 0: no run")
    options = parser.parse_args()
    os.environ.update(ensure(Path(os.environ.setdefault("DATA", str(ROOT / ".data" / "test"))), durable=False))
    with new_stack() as stack:
        load = Load(stack, make_company(stack.client), random.Random(7))
        load.run(5, options.rate, options.events)
        load.seen = Seen()
        before = stack.numbers()
        seen = load.run(options.seconds, options.rate, options.events)
        query = query_p99(stack.numbers(), before)
    invoices = invoices_a_second(options.subscriptions) if options.subscriptions else None
    levels = verdicts(seen, options.seconds, query, invoices)
    print("| level | target | measured | |\n| --- | --- | --- | --- |", file=sys.stderr)
    for each in levels:
        verdict = "kept" if each.kept else "MISSED"
        print(f"| {each.name} | {each.target} {each.unit} | {each.measured:,.1f} | {verdict} |", file=sys.stderr)
    print(f"{len(seen.seconds)} requests, {seen.late} sent late by our own senders", file=sys.stderr)
    print(json.dumps({
        "benchmark": "load", "requests": len(seen.seconds), "late": seen.late,
        **{each.name: round(each.measured, 2) for each in levels}, "kept": all(each.kept for each in levels),
    }))  # fmt: skip
    return int(not all(each.kept for each in levels))


if __name__ == "__main__":
    sys.exit(main())
