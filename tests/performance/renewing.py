"""What bench_renew measures: subscriptions of as many accounts, a third of them with a card, renewed once."""

import cProfile
import pstats
import sys
import time
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection

from apps.kernel.schedule import Scope
from apps.monitoring.invariants import broken
from apps.subscriptions import due
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import AT, make_subscription, with_card

MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


def measure(count: int, batch: int, *, profile: bool) -> dict[str, object]:
    """The figures of one run over `count` subscriptions, all due, in batches of `batch`."""
    settings.BILLING_RENEWAL_BATCH = batch
    _fill(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SHOW fsync")
        fsync = cursor.fetchone()[0]
    due.run(AT, Scope())  # nothing is due yet: what is loaded once is loaded
    _say("renewing")
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    began, cpu = time.perf_counter(), time.process_time()
    renewed = due.run(MAY, Scope())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    if profile:
        profiler.disable()
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("cumulative").print_stats(45)
    return {
        "benchmark": "renew", "renewed": renewed, "batch": batch, "seconds": round(seconds, 2),
        "python_cpu_seconds": round(cpu, 2), "renewals_per_second": round(renewed / seconds), "fsync": fsync,
        "invariants_broken": len(broken()),
    }  # fmt: skip


def _fill(count: int) -> None:
    plan = make_plan(at=AT)
    for number in range(1, count + 1):
        account = make_account(at=AT, email=f"a{number}@example.com")
        if number % 3 == 0:
            with_card(account)
        make_subscription(account=account, plan=plan, at=AT)
        if number % 500 == 0:
            _say(f"{number} of {count} subscriptions made")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
