"""What bench_clock measures: subscriptions on one test clock, moved by years in one call."""

import multiprocessing
import sys
import time
from datetime import UTC, date, datetime

from django.db import connections

from apps.clocks.actions import create
from apps.clocks.actions.advance import advance
from apps.clocks.actions.step import step
from apps.clocks.models import TestClock
from apps.clocks.rules import Status
from apps.events.relay import sweep
from apps.invoices.models import Invoice
from apps.monitoring.invariants import broken
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription

BEGINS = datetime(2026, 1, 1, 9, tzinfo=UTC)
DAYS = 28
SAID_EVERY = 10


def measure(count: int, years: int) -> dict[str, object]:
    """Seconds that the clock takes, with how many invoices it made."""
    made = create(name="years", frozen_time=BEGINS, actor=ACTOR)
    _fill(count, made)
    connections.close_all()
    relay = multiprocessing.get_context("fork").Process(target=_deliver, daemon=True)
    relay.start()
    try:
        return {"benchmark": "clock", "subscriptions": count, "years": years, **_advance(made, years)}
    finally:
        relay.kill()
        relay.join()


def _advance(made: TestClock, years: int) -> dict[str, object]:
    began = time.perf_counter()
    made = advance(clock_id=made.pk, to=BEGINS.replace(year=BEGINS.year + years), actor=ACTOR)
    said = 0.0
    while step(clock_id=made.pk, seconds=5, actor=ACTOR) or made.status == Status.ADVANCING:
        made.refresh_from_db()
        if time.perf_counter() - said > SAID_EVERY:
            said = time.perf_counter()
            _say(f"{made.frozen_time:%b %Y}, {Invoice.objects.count():,} invoices, {said - began:.0f} s")
    seconds = time.perf_counter() - began
    made.refresh_from_db()
    if made.status != Status.READY:
        raise RuntimeError(f"the clock is {made.status}: {made.error or made.progress}")
    invoices = Invoice.objects.count()
    return {
        "seconds": round(seconds, 1), "invoices": invoices, "invoices_per_second": round(invoices / seconds),
        "steps": made.progress["steps"], "invariants_broken": len(broken()),
    }  # fmt: skip


def _deliver() -> None:
    """What the relay's worker does beside: without it the clock would wait for its deliveries for ever."""
    while True:
        if not sweep():
            time.sleep(0.01)


def _fill(count: int, frozen: TestClock) -> None:
    plan = make_plan(at=BEGINS)
    for number in range(count):
        account = make_account(at=BEGINS, email=f"a{number}@example.com", test_clock_id=frozen.pk)
        anchor = date(2026, 1, 1 + number % DAYS)
        make_subscription(account=account, plan=plan, at=BEGINS, billing_anchor_date=anchor)
    _say(f"{count} subscriptions made")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
