"""The processes of bench_billing: `python -m tests.performance.billing seller|run DAY|preview|drain|place|check`.

Each answers with one line of JSON; `run`, `drain` and `place` say first that they are ready, and wait for a line.
BENCH_PROFILE=tottime (or cumulative) shows where its time goes.
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
from apps.kernel.memory import settle  # noqa: E402
from apps.kernel.schedule import Scope  # noqa: E402
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
    _ready()
    cpu, invoices = time.process_time(), 0
    while pieces := due.run(at, Scope()):
        invoices += pieces
        if due.earliest(at, Scope()) is None:
            break
    return _done(invoices, cpu)


def preview_changes() -> dict[str, Any]:
    """Milliseconds of previewing a change of quantity in the middle of a period, with the invoice after it."""
    settle()
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
    """Bring up to 20,000 events to their subscribers, as a worker does: messages are written, nothing is sent."""
    _ready()
    cpu, told = time.process_time(), 0
    while told < DRAINED and (batch := relay.run_once("notifications.invoice", Lane.RUN)):
        told += batch
    return _done(told, cpu)


def place() -> dict[str, Any]:
    """Give positions to all events."""
    _ready()
    cpu = time.process_time()
    return _done(sequencer.assign(), cpu)


def check() -> dict[str, Any]:
    """What watches production has nothing to say."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    found = broken()
    for each in found:
        print(f"{each.invariant.name}: {', '.join(each.faults[:3])}", file=sys.stderr)
    return {"invariants_broken": len(found)}


def _ready() -> None:
    settle()
    print("ready", flush=True)
    sys.stdin.readline()


def _done(pieces: int, cpu: float) -> dict[str, Any]:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"pieces": pieces, "ended": time.monotonic(), "cpu": time.process_time() - cpu, "rss_mb": used // 1024}


COMMANDS = {"seller": seller, "run": run, "preview": preview_changes, "drain": drain, "place": place, "check": check}

if __name__ == "__main__":
    profiler = cProfile.Profile()
    if os.environ.get("BENCH_PROFILE"):
        profiler.enable()
    answer = COMMANDS[sys.argv[1]](*sys.argv[2:])
    profiler.disable()
    if order := os.environ.get("BENCH_PROFILE"):
        pstats.Stats(profiler, stream=sys.stderr).sort_stats(order).print_stats(60)
    # Last: whoever reads it ends this process.
    print(json.dumps(answer), flush=True)
