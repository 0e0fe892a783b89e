"""Workers killed in the middle of a run: `python -m tests.faults.killing [--kills 50] [--restarts 5] [--seed 1]`.

Three workers bill two months of some hundreds of subscriptions; one by one they are killed (SIGKILL) at random moments
and others take their place; PostgreSQL itself is killed in some and started again by its supervisor. As a command it
runs on durable services of its own in DATA. Afterwards every period must be billed once, numbers must have no gap, and
whatever watches production must be content. The last line is JSON.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

from billing_project.services import ensure
from tests import databases
from tests.databases import ROOT
from tests.performance import by_sets

FOLDER = ROOT / "tests" / "performance"
DAY = "2026-05-01"
WORKERS = 3
LOG = "kills.log"


class Hunt:
    """Kills upon the workers of one database."""

    def __init__(self, url: str, owner_url: str, data: Path, seed: int) -> None:
        self.url, self.owner_url, self.data = url, owner_url, data
        self.draw = random.Random(seed)
        self.killed = self.restarted = 0

    def fill(self, subscriptions: int) -> None:
        """Subscriptions due since April, half of their accounts with a credit, one account in one invoice a day."""
        self._finished("seller")
        accounts = max(1, subscriptions * 9 // 10)
        by_sets.run(
            self.owner_url, FOLDER / "due.sql",
            **{"bench.subscriptions": str(subscriptions), "bench.accounts": str(accounts),
               "bench.grouping": "subscription", "bench.plans": "2"},
        )  # fmt: skip
        by_sets.run(self.owner_url, FOLDER / "credit.sql")
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            connection.execute("UPDATE accounts_account SET invoice_grouping = 'account' WHERE id IN (SELECT account_id"
                               " FROM subscriptions_subscription GROUP BY account_id HAVING count(*) > 1)")  # fmt: skip

    def go_on(self, kills: int, restarts: int) -> None:
        """Kill until it was often enough or all is billed; then let one worker come to the end."""
        restarting = set(self.draw.sample(range(kills), min(restarts, kills)))
        for turn in range(kills):
            workers = [self._start() for _ in range(WORKERS)]
            time.sleep(self.draw.uniform(0.05, 0.6))
            victims = self.draw.sample(workers, self.draw.randint(1, WORKERS))
            if turn in restarting:
                self._kill_database()
            for worker in victims:
                worker.kill()
                self.killed += 1
            for worker in workers:
                worker.kill()
                worker.communicate()
            by_sets.say(
                f"{turn + 1} of {kills}: {self.killed} workers killed, {self._count('invoices_invoice')} invoices"
            )
        self._finished("run", DAY, go=True)

    def found(self) -> dict[str, Any]:
        """What is there afterwards."""
        with psycopg.connect(self.owner_url) as connection:
            one = lambda query: connection.execute(query).fetchone()[0]  # type: ignore[index] # noqa: E731
            return {
                "runs": connection.execute(
                    "SELECT status, due, done, periods, invoices, batches FROM subscriptions_billingrun"
                ).fetchall(),
                "killed": self.killed,
                "restarted": self.restarted,
                "subscriptions": one("SELECT count(*) FROM subscriptions_subscription"),
                "periods": one("SELECT count(*) FROM subscriptions_billedperiod WHERE released_by IS NULL"),
                "not_billed_twice_a_month": one(
                    "SELECT count(*) FROM (SELECT 1 FROM subscriptions_billedperiod GROUP BY subscription_id"
                    " HAVING count(*) <> 2 OR range_agg(days) <> '{[2026-04-01,2026-06-01)}'::datemultirange) AS odd"
                ),
                "numbers_without_gap": one(
                    "SELECT count(*) = max(split_part(number, '-', 3)::int) AND count(DISTINCT number) = count(*)"
                    " AND max(split_part(number, '-', 3)::int) = (SELECT last FROM invoices_numberseries)"
                    " FROM invoices_invoice"
                ),
                "runs_add_up": one(
                    "SELECT sum(periods) = (SELECT count(*) FROM subscriptions_billedperiod) AND sum(invoices) ="
                    " (SELECT count(*) FROM invoices_invoice) FROM subscriptions_billingrun"
                ),
                **self._finished("check"),
            }

    def _start(self) -> "subprocess.Popen[str]":
        """A worker that has been told to begin."""
        process = self._process("run", DAY)
        assert process.stdout is not None
        assert process.stdin is not None
        if process.stdout.readline():
            process.stdin.write("go\n")
            process.stdin.flush()
        return process

    def _finished(self, *command: str, go: bool = False) -> dict[str, Any]:
        process = self._process(*command)
        out, _ = process.communicate("go\n" if go else None, timeout=300)
        if process.returncode:
            raise SystemExit(f"{command} ended with {process.returncode}: see {self.data / LOG}")
        return dict(json.loads(out.splitlines()[-1]))

    def _process(self, *command: str) -> "subprocess.Popen[str]":
        with (self.data / LOG).open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.performance.billing", *command],
                env={**os.environ, "DATABASE_URL": self.url}, cwd=ROOT, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip

    def _count(self, table: str) -> int:
        with psycopg.connect(self.owner_url) as connection:
            found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(found[0]) if found else 0

    def _kill_database(self) -> None:
        """SIGKILL to the postmaster; its supervisor starts it again on its port."""
        pid = json.loads((self.data / "services.json").read_text())["children"]["postgresql"]["pid"]
        os.kill(pid, signal.SIGKILL)
        self.restarted += 1
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                psycopg.connect(self.owner_url, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise SystemExit("PostgreSQL did not come back within a minute")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--restarts", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
    data = ROOT / os.environ.setdefault("DATA", str(ROOT / ".data" / "bench"))
    os.environ.update(ensure(data, durable=True))
    name = f"billing_kills_{os.getpid()}"
    databases.clone(name)
    hunt = Hunt(
        databases.with_name(os.environ["DATABASE_URL"], name), databases.with_name(databases.owner_url(), name), data,
        options.seed,
    )  # fmt: skip
    try:
        hunt.fill(options.subscriptions)
        hunt.go_on(options.kills, options.restarts)
        print(json.dumps(hunt.found()))
    finally:
        databases.drop(name)


if __name__ == "__main__":
    main()
