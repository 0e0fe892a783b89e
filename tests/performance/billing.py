"""The processes of bench_billing: `python -m tests.performance.billing seller | run DAY | preview | drain | check`.

Each answers with one line of JSON; `run` says first that it is ready, and waits for a line. BENCH_PROFILE=tottime (or
cumulative) shows where its time goes.
"""

import cProfile
import json
import os
import pstats
import resource
import sys
import time
from datetime import UTC, date, datetime
from typing import Any

import django
import structlog

django.setup()
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))

from django.db import connection  # noqa: E402 - models can be imported only now

from apps.events import relay, sequencer  # noqa: E402
from apps.events.rules import Lane  # noqa: E402
from apps.kernel.actors import system  # noqa: E402
from apps.kernel.schedule import Scope  # noqa: E402
from apps.monitoring import workers  # noqa: E402
from apps.monitoring.invariants import broken  # noqa: E402
from apps.subscriptions import due  # noqa: E402
from apps.subscriptions.actions.change import change  # noqa: E402
from apps.subscriptions.actions.preview import Before, preview  # noqa: E402
from apps.subscriptions.models import Subscription  # noqa: E402
from tests.factories.tax import registered  # noqa: E402

ACTOR = system("bench")
PREVIEWS = 300
DRAINED = 20_000


def seller() -> dict[str, Any]:
    """The seller is registered in DE."""
    registered("DE")
    return {}


def run(day: str) -> dict[str, Any]:
    """Bill what is due at noon of that day, as beat's task does, until nothing is."""
    at = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=12)
    due.run(datetime(2026, 1, 1, tzinfo=UTC), Scope())  # what is loaded once is loaded
    workers.settle()
    print("ready", flush=True)
    sys.stdin.readline()
    profiler = cProfile.Profile() if os.environ.get("BENCH_PROFILE") else None
    if profiler:
        profiler.enable()
    cpu, invoices = time.process_time(), 0
    while pieces := due.run(at, Scope()):
        invoices += pieces
        if due.earliest(at, Scope()) is None:
            break
    ended = time.monotonic()
    if profiler:
        profiler.disable()
        pstats.Stats(profiler, stream=sys.stderr).sort_stats(os.environ["BENCH_PROFILE"]).print_stats(60)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"invoices": invoices, "ended": ended, "cpu": time.process_time() - cpu, "rss_mb": used // 1024}


def preview_changes() -> dict[str, Any]:
    """Milliseconds of previewing a change of quantity in the middle of a period, with the invoice after it."""
    at, took = datetime(2026, 5, 12, 12, tzinfo=UTC), []
    for subscription in Subscription.objects.select_related("account").order_by("?")[:PREVIEWS]:
        before = Before.of(subscription, subscription.account, at)
        began = time.perf_counter()
        preview(
            lambda pk=subscription.pk: change(subscription_id=pk, quantity=7, at=at, actor=ACTOR),
            before=before,
            actor=ACTOR,
        )
        took.append((time.perf_counter() - began) * 1000)
    took = sorted(took[10:])
    return {
        "preview_p50_ms": round(took[len(took) // 2], 1),
        "preview_p95_ms": round(took[len(took) * 95 // 100], 1),
    }


def drain() -> dict[str, Any]:
    """Events a second that one process gives positions to and brings to their subscribers, messages written."""
    began, told = time.perf_counter(), 0
    while told < DRAINED and (batch := relay.run_once("notifications.invoice", Lane.RUN)):
        told += batch
    delivered = told / (time.perf_counter() - began)
    began = time.perf_counter()
    placed = sequencer.assign()
    return {
        "drain_events_per_second": round(delivered),
        "positions_per_second": round(placed / (time.perf_counter() - began)),
    }


def check() -> dict[str, Any]:
    """What watches production has nothing to say."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    return {"invariants_broken": len(broken())}


COMMANDS = {"seller": seller, "run": run, "preview": preview_changes, "drain": drain, "check": check}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])), flush=True)
