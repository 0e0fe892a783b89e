"""What the drill breaks, how it is mended, and the life that goes on meanwhile."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from observability.source.durations import Scale

CALM = "/v1/plans?limit=1"
TIERS = {"USD": {"tiers": [{"up_to": None, "unit_price": "1"}]}}
EVERY = 0.04


@dataclass
class Company:
    """Customers who read and buy, so that rates have something to say. `mixed`: a path, and one in how many asks it."""

    company: Any
    stack: Any
    mixed: tuple[str, int] | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def living(self) -> Iterator[None]:
        threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._read, self._buy)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.ended.set()
            for thread in threads:
                thread.join(30)

    def _read(self) -> None:
        turn = 0
        while not self.ended.is_set():
            turn += 1
            mixed = self.mixed
            path = mixed[0] if mixed and turn % mixed[1] == 0 else CALM
            self.stack.client.send("GET", path, timeout=10)
            time.sleep(EVERY)

    def _buy(self) -> None:
        while not self.ended.is_set():
            # Faults make it fail; that is what they are for.
            with suppress(AssertionError, TypeError, KeyError):
                self.company.subscribe(self.company.customer())
            time.sleep(0.5)


Inject = Callable[[Any, Company, Scale], AbstractContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """One fault; the alerts that have to come of it."""

    name: str
    alerts: Sequence[str]
    injected: Inject
    critical: bool = True


def frozen(process: str) -> Inject:
    """It stands still, as a machine that hangs does; nobody starts it again."""

    @contextmanager
    def inject(stack: Any, company: Company, scale: Scale) -> Iterator[None]:
        stack.signal(process, signal.SIGSTOP)
        try:
            yield
        finally:
            stack.signal(process, signal.SIGCONT)

    return inject


def at_the_gateway(kind: str, operation: str, **more: object) -> Inject:
    @contextmanager
    def inject(stack: Any, company: Company, scale: Scale) -> Iterator[None]:
        stack.fault(kind, operation, **more)
        try:
            yield
        finally:
            stack.sandbox("DELETE", "faults")

    return inject


@contextmanager
def failing_endpoint(stack: Any, company: Company, scale: Scale) -> Iterator[None]:
    """A table that one endpoint needs is gone, and one request in forty asks for it: 2.5 % are 500s."""
    with stack.connect() as connection:
        connection.execute("ALTER TABLE coupons_coupon RENAME COLUMN redeemed TO redeemed_")
        company.mixed = ("/v1/coupons", 40)
        try:
            yield
        finally:
            company.mixed = None
            connection.execute("ALTER TABLE coupons_coupon RENAME COLUMN redeemed_ TO redeemed")


@contextmanager
def slow_endpoint(stack: Any, company: Company, scale: Scale) -> Iterator[None]:
    """Somebody locks a table again and again for two seconds, and one request in four needs it."""
    ended = threading.Event()

    def lock() -> None:
        with stack.connect() as connection:
            while not ended.is_set():
                with connection.transaction():
                    connection.execute("LOCK TABLE coupons_coupon IN ACCESS EXCLUSIVE MODE")
                    time.sleep(2)

    thread = threading.Thread(target=lock, daemon=True)
    company.mixed = ("/v1/coupons", 4)
    thread.start()
    try:
        yield
    finally:
        company.mixed = None
        ended.set()
        thread.join(10)


@contextmanager
def drained_pool(stack: Any, company: Company, scale: Scale) -> Iterator[None]:
    """A session holds a lock, and requests that wait for it hold every connection of the pool."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            stack.client.send("GET", "/v1/coupons", timeout=30)

    with stack.connect() as connection:
        threads = [threading.Thread(target=ask, daemon=True) for _ in range(12)]
        with connection.transaction():
            connection.execute("LOCK TABLE coupons_coupon IN ACCESS EXCLUSIVE MODE")
            for thread in threads:
                thread.start()
            try:
                yield
            finally:
                ended.set()
    for thread in threads:
        thread.join(30)


def by_sql(table: str, inject: str, mend: str) -> Inject:
    """Raw SQL by the tables' owner, with our triggers off: what nobody should do."""

    @contextmanager
    def injected(stack: Any, company: Company, scale: Scale) -> Iterator[None]:
        def execute(statement: str) -> None:
            with stack.connect() as connection:
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                connection.execute(statement)
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

        execute(inject)
        try:
            yield
        finally:
            execute(mend)

    return injected


@contextmanager
def missed_run(stack: Any, company: Company, scale: Scale) -> Iterator[None]:
    """Beat stands still, and something has been due for three hours."""
    stack.signal("beat", signal.SIGSTOP)
    with stack.connect() as connection:
        row = connection.execute(
            "SELECT id, next_billing_at FROM subscriptions_subscription WHERE status = 'ACTIVE' ORDER BY id LIMIT 1"
        ).fetchone()
        change = "UPDATE subscriptions_subscription SET next_billing_at = %s WHERE id = %s"
        connection.execute(change, [datetime.fromtimestamp(time.time() - 3 * 3600, UTC), row[0]])
        try:
            yield
        finally:
            connection.execute(change, [row[1], row[0]])
            stack.signal("beat", signal.SIGCONT)


@contextmanager
def usage_backlog(stack: Any, company: Company, scale: Scale) -> Iterator[None]:
    """More usage comes than is looked at: the worker stands still."""
    client = stack.client
    charge = {"key": "calls", "metric": "calls", "model": "per_unit", "prices": TIERS}
    plan = client.post(
        "/v1/plans",
        {"key": f"metered-{uuid4().hex[:8]}", "name": "Metered", "interval": "month", "prices": {"USD": 0},
         "charges": [charge]},
    )  # fmt: skip
    account = company.company.customer()
    sold = client.post("/v1/subscriptions", {"account_id": account, "plan_id": plan["id"]})
    time.sleep(61)
    stack.signal("worker", signal.SIGSTOP)
    try:
        for _ in range(11):
            now = datetime.fromtimestamp(time.time(), UTC).isoformat()
            events = [
                {"subscription_id": sold["id"], "metric": "calls", "quantity": 1, "timestamp": now,
                 "idempotency_key": uuid4().hex}
                for _ in range(1000)
            ]  # fmt: skip
            answer = client.send("POST", "/v1/usage/batch", events)
            assert answer.status in (200, 201, 202), answer.body
        yield
    finally:
        stack.signal("worker", signal.SIGCONT)


FAULTS = (
    Fault("web hangs", ("ServiceDown",), frozen("web")),
    Fault("database stopped", ("DatabaseDown",), frozen("postgresql")),
    Fault("pool drained", ("DatabaseConnectionPoolExhausted",), drained_pool),
    Fault("Redis stopped", ("RedisDown",), frozen("valkey")),
    Fault("beat stopped", ("BeatDown",), frozen("beat")),
    Fault("worker stopped", ("WorkerDown",), frozen("worker")),
    Fault("outbox grows", ("OutboxStalled", "WorkerDown"), frozen("worker")),
    Fault("500s at 2.5 %", ("ErrorRatePage", "HighErrorRate"), failing_endpoint),
    Fault("latency", ("LatencyPage", "HighLatency", "VeryHighLatency"), slow_endpoint),
    Fault(
        "gateway fails, 10 %",
        ("PaymentGatewayDown", "StripeErrors"),
        at_the_gateway("error_before", "*", probability=0.1, seed=7),
    ),
    Fault(
        "gateway slow",
        ("StripeSlow",),
        at_the_gateway("slow", "POST /v1/*", seconds=4, probability=1.0),
        critical=False,
    ),
    Fault("run missed", ("BillingRunMissed", "BeatDown"), missed_run),
    Fault(
        "ledger out of balance",
        ("LedgerImbalance",),
        by_sql(
            "ledger_posting",
            "UPDATE ledger_posting SET amount = amount + 1 WHERE id = (SELECT min(id) FROM ledger_posting)",
            "UPDATE ledger_posting SET amount = amount - 1 WHERE id = (SELECT min(id) FROM ledger_posting)",
        ),
    ),
    Fault(
        "backup old",
        ("BackupTooOld",),
        by_sql(
            "monitoring_backup",
            "UPDATE monitoring_backup SET finished_at = finished_at - interval '27 hours'",
            "UPDATE monitoring_backup SET finished_at = finished_at + interval '27 hours'",
        ),
    ),
    Fault("usage waits", ("UsageIngestionSlow",), usage_backlog, critical=False),
    # Money at the bank that nobody knows: what else differs is compared anew by each look, and a planted row closed.
    Fault(
        "gateway and books differ",
        ("ReconciliationDifferences",),
        by_sql(
            "payments_difference",
            "INSERT INTO payments_difference (id, created_at, updated_at, version, kind, subject, fix, status,"
            " outside_amount, outside_currency, our_amount, our_currency, seen_at, closed_by, reason)"
            " VALUES ('00000000-0000-7000-8000-000000000001', now(), now(), 1, 'transfer_unmatched', 'drill',"
            " 'assign', 'OPEN', 100, 'USD', 0, 'USD', now(), '', '')",
            "DELETE FROM payments_difference WHERE subject = 'drill'",
        ),
        critical=False,
    ),
)
