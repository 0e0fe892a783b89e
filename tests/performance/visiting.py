"""What bench_admin measures: each kind of page opened many times, never twice with the same address if it can be."""

import logging
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.access.models import User
from apps.invoices.models import NumberSeries
from tests.performance.addresses import addresses

GOAL = 300
BASELINE = "a list of one row"


@dataclass
class Visits:
    """The times of one kind of page in milliseconds."""

    name: str
    times: list[float] = field(default_factory=list)
    in_database: list[float] = field(default_factory=list)
    slowest: str = ""

    def add(self, path: str, milliseconds: float, in_database: float) -> None:
        if milliseconds > max(self.times, default=0):
            self.slowest = path
        self.times.append(milliseconds)
        self.in_database.append(in_database)

    @property
    def p50(self) -> float:
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        return _p95(self.times)

    def row(self) -> str:
        figures = (self.p50, self.p95, max(self.times), _p95(self.in_database))
        return f"{self.name:62} {len(self.times):>3}" + "".join(f" {figure:>8.0f}" for figure in figures)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


class Stopwatch:
    """Adds up what PostgreSQL takes to answer."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *query: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*query)
        finally:
            self.seconds += time.perf_counter() - began


def measure(visits: int, *, only: str, explain: bool) -> dict[str, object]:
    """Open every kind of page `visits` times; the figures, and whether all are below the goal."""
    logging.disable(logging.WARNING)  # a line a request would hide the table
    if NumberSeries.objects.count() != 1:
        raise SystemExit("the baseline needs a table of one row")
    browser = _browser()
    asked = {BASELINE: [reverse("admin:invoices_numberseries_changelist")], **addresses(browser)}
    measured = [
        _visit(browser, name, paths, visits) for name, paths in asked.items() if only in name or name == BASELINE
    ]
    _table(measured)
    if explain:
        for kind in measured:
            if kind.p95 >= GOAL or only:
                _explain(browser, kind)
    base, *kinds = measured
    worst = max(kinds, key=lambda kind: kind.p95)
    return {
        "pages": len(kinds), "visits": sum(len(kind.times) for kind in kinds), "goal_ms": GOAL,
        "above_goal": {kind.name: round(kind.p95) for kind in kinds if kind.p95 >= GOAL},
        "baseline_p50_ms": round(base.p50, 1), "median_p50_ms": round(statistics.median(kind.p50 for kind in kinds), 1),
        "worst_page": worst.name, "worst_p95_ms": round(worst.p95, 1),
        "median_to_baseline": round(statistics.median(kind.p50 for kind in kinds) / base.p50, 2),
        "worst_p95_to_baseline": round(worst.p95 / base.p50, 2),
    }  # fmt: skip


def _browser() -> Client:
    user, _ = User.objects.get_or_create(username="bench", defaults={"is_staff": True, "is_superuser": True})
    browser = Client()
    browser.force_login(user)
    return browser


def _visit(browser: Client, name: str, paths: Iterable[str], visits: int) -> Visits:
    known = list(paths)
    kind = Visits(name)
    _open(browser, known[-1])  # templates are compiled once a process
    for path in islice(cycle(known), visits):
        watch = Stopwatch()
        with connection.execute_wrapper(watch):
            kind.add(path, _open(browser, path), watch.seconds * 1000)
    _say(kind.row())
    return kind


def _open(browser: Client, path: str) -> float:
    began = time.perf_counter()
    answer = browser.get(path)
    milliseconds = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{path} was answered {answer.status_code}")
    return milliseconds


def _table(measured: Iterable[Visits]) -> None:
    sys.stdout.write(f"{'page (milliseconds)':62} {'n':>3}      p50      p95      max   p95 db\n")
    sys.stdout.writelines(f"{kind.row()}\n" for kind in measured)


def _explain(browser: Client, kind: Visits) -> None:
    with CaptureQueriesContext(connection) as captured:
        _open(browser, kind.slowest)
    _say(f"\n{kind.name}: {kind.slowest}, {len(captured)} queries")
    slow: list[Mapping[str, str]] = [query for query in captured.captured_queries if float(query["time"]) >= 0.02]
    for query in slow:
        _say(f"  {float(query['time']) * 1000:.0f} ms: {query['sql']}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
