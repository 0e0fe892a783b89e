"""How fast is billing: `python -m tests.performance.bench_billing [--subscriptions 100000] [--workers 2] [--quick]`.

Databases of its own beside the configured one (DATA's services, durable as in production), filled by sets: monthly
subscriptions of as many accounts, each with tax, half with a credit. April is billed by hand (`by_hand.sql`), May by
worker processes that run what beat's task runs; on a copy of the same rows May is billed by hand too, which gives the
ratio. PostgreSQL, workers and this process share the machine. The relay, documents, mail and charging are off; the
clock stops at the last commit. Progress on stderr, the last line on stdout is one JSON object.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from billing_project.services import ensure
from tests import databases
from tests.databases import ROOT
from tests.performance import by_sets
from tests.performance.by_sets import say

FOLDER = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=100_000)
    parser.add_argument("--small", type=int, default=20_000)
    parser.add_argument("--large", type=int, default=200_000)
    parser.add_argument("--lines", type=int, default=30_000)
    parser.add_argument("--months", type=int, default=9, help="months stored before those that are measured")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", choices=["run", "growth", "stored", "account"], help="one part of it")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
    os.environ.setdefault("DATA", str(ROOT / ".data" / "bench"))
    os.environ.update(ensure(ROOT / os.environ["DATA"], durable=True))
    figures: dict[str, Any] = {"benchmark": "billing", "workers": options.workers}
    if options.only in (None, "run"):
        figures |= _run(options.subscriptions, options.workers)
    if options.only in (None, "growth"):
        figures |= _growth(options.small, options.large, options.workers)
    if options.only in (None, "stored"):
        figures |= _stored(options.subscriptions, options.months, options.workers)
    if options.only in (None, "account"):
        figures |= _account(options.lines)
    print(json.dumps(figures))


def _run(subscriptions: int, workers: int) -> dict[str, Any]:
    """A run by workers against the same by hand, on copies of one database; then previews, and the relay."""
    with filled(subscriptions) as name, _copied(name) as copy:
        by_hand = _by_hand(copy, "2026-05-01")
        rows = _rows(copy)
        with _copied(name, "alone") as other:
            alone = _bill(other, workers=1, day="2026-05-01")
        ours = _bill(name, workers=workers, day="2026-05-01")
        said = subscriptions / by_hand
        say(f"by hand {said:,.0f}/s; {workers} workers {ours['per_second']:,.0f}/s; one {alone['per_second']:,.0f}/s")
        written = _rows(name)
        if differing := {
            table: (count, written.get(table)) for table, count in rows.items() if written.get(table) != count
        }:
            raise SystemExit(f"by hand and by workers are not the same rows: {differing}")
        if (checked := child(name, "check"))["invariants_broken"]:
            raise SystemExit("what watches production finds faults, named above, in what was billed")
        return {
            "subscriptions": subscriptions,
            "invoices_per_second": round(ours["per_second"]),
            "invoices_per_second_one_worker": round(alone["per_second"]),
            "by_hand_per_second": round(said),
            "ratio_to_sql": round(ours["per_second"] / said, 3),
            "rows_per_invoice": round(sum(rows.values()) / 2 / subscriptions, 1),
            "worker_cpu_ms_per_invoice": round(ours["cpu"] * 1000 / subscriptions, 3),
            "worker_rss_mb": ours["rss_mb"],
            **checked,
            **_settled(name),
            **child(name, "preview"),
            "drain_events_per_second": round(race(name, workers, "drain")["per_second"]),
            "positions_per_second": round(race(name, 1, "place")["per_second"]),
        }


def _growth(small: int, large: int, workers: int) -> dict[str, Any]:
    """What an invoice costs among many subscriptions, against what it costs among few: 1 is the same."""
    per_second = {}
    for subscriptions in (small, large):
        with filled(subscriptions) as name:
            per_second[subscriptions] = _bill(name, workers=workers, day="2026-05-01")["per_second"]
    return {"growth_20k_to_200k": round(per_second[small] / per_second[large], 3)}


def _stored(subscriptions: int, months: int, workers: int) -> dict[str, Any]:
    """What an invoice costs once many are stored, against the first month's."""
    with filled(subscriptions) as name:
        first = _bill(name, workers=workers, day="2026-05-01")["per_second"]
        for month in range(6, 6 + months):
            _by_hand(name, f"2026-{month:02}-01" if month < 13 else f"2027-{month - 12:02}-01")
        by_sets.run(owner(name), FOLDER / "credit.sql")
        last = 6 + months
        day = f"2026-{last:02}-01" if last < 13 else f"2027-{last - 12:02}-01"
        after = _bill(name, workers=workers, day=day)["per_second"]
    return {"stored_invoices": subscriptions * (months + 2), "growth_with_stored": round(first / after, 3)}


def _account(lines: int) -> dict[str, Any]:
    """One account that wants one invoice, with as many subscriptions, each to a plan of its own."""
    with filled(lines, accounts=1, plans=lines, grouping="account") as name:
        return {"account_30k_seconds": round(_bill(name, workers=1, day="2026-05-01")["seconds"], 2)}


@contextmanager
def filled(
    subscriptions: int,
    *,
    accounts: int | None = None,
    plans: int = 1,
    grouping: str = "subscription",
    metered: bool = False,
) -> Iterator[str]:
    """A database with as many subscriptions that are billed for April, and due in May."""
    name = f"billing_bench_{os.getpid()}_{subscriptions}"
    say(f"making a database with {subscriptions:,} subscriptions")
    databases.clone(name)
    try:
        child(name, "seller")
        given = {
            "bench.subscriptions": str(subscriptions), "bench.accounts": str(accounts or subscriptions),
            "bench.grouping": grouping, "bench.plans": str(plans),
            "bench.metered": str(int(metered)),
        }  # fmt: skip
        by_sets.run(owner(name), FOLDER / "due.sql", **given)
        if grouping == "account":
            _bill(name, workers=1, day="2026-04-01")
        else:
            _by_hand(name, "2026-04-01")
        by_sets.run(owner(name), FOLDER / "credit.sql")
        yield name
    finally:
        databases.drop(name)


@contextmanager
def _copied(name: str, what: str = "copy") -> Iterator[str]:
    copy = f"{name}_{what}"
    with psycopg.connect(databases.with_name(databases.owner_url(), "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(copy), sql.Identifier(name)
        ))  # fmt: skip
    try:
        yield copy
    finally:
        databases.drop(copy)


def _settled(name: str) -> dict[str, Any]:
    """As autovacuum leaves tables that rest."""
    with psycopg.connect(owner(name), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return {}


def _by_hand(name: str, day: str) -> float:
    """Seconds of a month by hand."""
    return by_sets.run(owner(name), FOLDER / "by_hand.sql", **{"bench.day": day})


def _bill(name: str, *, workers: int, day: str) -> dict[str, Any]:
    """Have workers bill all that is due on that day."""
    return race(name, workers, "run", day)


def race(name: str, workers: int, *command: str) -> dict[str, Any]:
    """Have workers do the same at once; from the signal to the last commit."""
    processes = [start(name, *command) for _ in range(workers)]
    try:
        for process in processes:
            _line(process)
        began = time.monotonic()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [json.loads(_line(process)) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    seconds = max(each["ended"] for each in told) - began
    found = {
        "seconds": seconds,
        "per_second": sum(each["pieces"] for each in told) / seconds,
        "cpu": sum(each["cpu"] for each in told),
        "rss_mb": max(each["rss_mb"] for each in told),
    }
    shares = ", ".join(str(each["pieces"]) for each in told)
    say(f"  {' '.join(command)}: {shares} in {seconds:.1f} s ({found['per_second']:,.0f}/s), {found['rss_mb']} MB")
    return found


def _rows(name: str) -> dict[str, int]:
    """How many rows each table holds of what billing writes."""
    with psycopg.connect(owner(name)) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace"
            " AND relname ~ '^(subscriptions|invoices|credits|ledger|events|audit)_'"
            " AND relname NOT IN ('subscriptions_billingrun', 'audit_entry')"
        ).fetchall()
        query = sql.SQL("SELECT count(*) FROM {}")
        counts = {table: connection.execute(query.format(sql.Identifier(table))).fetchone() for (table,) in tables}
        counts["audit_entry"] = connection.execute(
            "SELECT count(*) FROM audit_entry WHERE table_name <> 'subscriptions_billingrun'"
        ).fetchone()
    return {table: count[0] for table, count in counts.items() if count and count[0]}


def child(name: str, *command: str) -> dict[str, Any]:
    process = start(name, *command)
    told: dict[str, Any] = json.loads(_line(process))
    process.wait()
    return told


def start(name: str, *command: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.performance.billing", *command],
        env={**os.environ, "DATABASE_URL": databases.with_name(os.environ["DATABASE_URL"], name)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"{process.args} ended with {process.wait()}")
    return line


def owner(name: str) -> str:
    return databases.with_name(databases.owner_url(), name)


if __name__ == "__main__":
    main()
