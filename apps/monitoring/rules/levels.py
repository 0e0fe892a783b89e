"""Service levels: what is promised, and how much of the error budget of 30 days is left."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

EVERY = timedelta(minutes=5)
WINDOW = timedelta(days=30)
CAUGHT_UP = timedelta(days=1)
"""How far back windows that nobody looked at are filled in."""


@dataclass(frozen=True)
class Level:
    """A share of good ones among all that is promised over 30 days."""

    slo: str
    title: str
    objective: Decimal
    counts: str


REQUESTS, PROBE = "availability_requests", "availability_probe"
P95, P99 = "latency_p95", "latency_p99"
PAYMENTS, RUN, USAGE, EVENTS, LEDGER = (
    "payment_success", "billing_run_on_time", "usage_freshness", "event_delay", "ledger_tie_out",
)  # fmt: skip
AVAILABILITY = "availability"

LEVELS: Mapping[str, Level] = {
    level.slo: level
    for level in (
        Level(REQUESTS, "Availability: requests", Decimal("0.999"), "requests that were not answered with 5xx"),
        Level(PROBE, "Availability: probe", Decimal("0.999"), "regions from which a customer could be billed"),
        Level(P95, "API p95 below 200 ms", Decimal("0.95"), "requests answered within 200 ms"),
        Level(P99, "API p99 below 500 ms", Decimal("0.99"), "requests answered within 500 ms"),
        Level(PAYMENTS, "Payment success", Decimal("0.98"), "payments that ended, and ended well"),
        Level(RUN, "Billing run on time", Decimal("0.999"), "five minutes with nothing due for two hours"),
        Level(USAGE, "Usage freshness", Decimal("0.99"), "five minutes in which usage was looked at within ten"),
        Level(EVENTS, "Event delay", Decimal("0.99"), "five minutes in which no event had waited for one"),
        Level(LEDGER, "Ledger tie-out", Decimal("0.9999"), "five minutes in which the books balanced"),
    )
}
SLOW_MILLISECONDS = {P95: 200, P99: 500}


@dataclass(frozen=True)
class Counted:
    """Of `total`, so many were good."""

    good: int
    total: int

    @property
    def share(self) -> Decimal | None:
        return Decimal(self.good) / self.total if self.total else None


def remaining(counted: Counted, objective: Decimal) -> Decimal:
    """What is left of the error budget: 1 while nothing went wrong, 0 when it is used up, below 0 beyond."""
    if not counted.total:
        return Decimal(1)
    allowed = counted.total * (1 - objective)
    return 1 - (counted.total - counted.good) / allowed


def budgets(counted: Mapping[str, Counted]) -> dict[str, Decimal]:
    """Of every level; availability is the worse of what requests and what the probe say."""
    none = Counted(0, 0)
    left = {slo: remaining(counted.get(slo, none), level.objective) for slo, level in LEVELS.items()}
    return {AVAILABILITY: min(left[REQUESTS], left[PROBE]), **left}


def window_of(at: datetime) -> datetime:
    """The beginning of the five minutes that hold `at`."""
    return at.replace(minute=at.minute - at.minute % 5, second=0, microsecond=0)


def due_windows(last: datetime | None, at: datetime) -> Iterator[datetime]:
    """Windows that have ended by `at` and come after `last`; the newest only when there was none, a day at most."""
    end = window_of(at)
    begin = end - EVERY if last is None else max(last + EVERY, end - CAUGHT_UP)
    while begin < end:
        yield begin
        begin += EVERY


def state(*, is_good: bool) -> Counted:
    """One look."""
    return Counted(int(is_good), 1)


def summed(rows: Iterable[tuple[str, int, int]]) -> dict[str, Counted]:
    return {slo: Counted(good, total) for slo, good, total in rows}
