"""`manage.py simulate --accounts 1000 --months 24 --seed 7`: bill a synthetic company, through the actions of all."""

import json
import logging
import sys
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.backoffice.simulation.company import BEGINS, end
from apps.backoffice.simulation.life import Company, Stuck
from apps.backoffice.simulation.summary import figures
from apps.kernel import clock
from apps.kernel.memory import settle
from apps.kernel.money import Money
from apps.monitoring.invariants import broken

MOST_ACCOUNTS, MOST_MONTHS = 100_000, 120
WIDTH = 30


class Command(BaseCommand):
    help = "Bill a synthetic company on a test clock of its own; the same seed gives the same company. Test mode only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accounts", type=int, default=1000)
        parser.add_argument("--months", type=int, default=24)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--json", action="store_true", help="the summary as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        self._check(options)
        settle()
        if options["verbosity"] <= 1:
            # One line a run is for those who watch a deployment.
            logging.getLogger("apps").setLevel(logging.WARNING)
        began, shown = clock.monotonic(), [-1]

        def told(day: date, count: int) -> None:
            part = (day - BEGINS).days / max(1, (end(options["months"]) - BEGINS).days)
            if int(part * 100) != shown[0]:
                shown[0] = int(part * 100)
                filled = int(part * WIDTH)
                line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {part:4.0%}  {day}  {count:,} things asked"
                tty = self.stderr.isatty()
                if tty or shown[0] % 10 == 0:
                    self.stderr.write(line, ending="\r" if tty and part < 1 else "\n")

        company = Company(options["accounts"], options["months"], options["seed"], told)
        try:
            company.live()
        except Stuck as error:
            raise CommandError(
                f"The test clock {company.clock_id} stopped: {error}. What was billed stands; simulate starts anew."
            ) from error
        seconds = clock.monotonic() - began
        faults = broken()
        found = figures(company.clock_id) | {
            "seed": options["seed"], "months": options["months"], "test_clock_id": str(company.clock_id),
            "usage_events": company.events,
            "done": dict(sorted(company.done.items())), "refused": dict(sorted(company.refused.items())),
            "seconds": round(seconds, 1), "invariants_broken": [each.invariant.name for each in faults],
        }  # fmt: skip
        found["invoices_per_second"] = round(found["invoices"] / max(seconds, 0.001), 1)
        self.stdout.write(json.dumps(found) if options["json"] else _table(found))
        if faults:
            sys.exit(1)

    def _check(self, options: dict[str, Any]) -> None:
        if settings.BILLING_LIVEMODE or not settings.BILLING_TEST_CLOCKS:
            raise CommandError(
                "simulate makes customers that do not exist: it runs in test mode with test clocks only."
            )
        for name, most in (("accounts", MOST_ACCOUNTS), ("months", MOST_MONTHS)):
            if not 1 <= options[name] <= most:
                raise CommandError(f"--{name} {options[name]} is out of range: give 1 to {most:,}.")


def _table(found: dict[str, Any]) -> str:
    lines = [
        f"{found['accounts']:,} accounts, {found['months']} months, seed {found['seed']}: "
        f"{found['invoices']:,} invoices ({found['void']:,} void) in {found['seconds']:,} s",
        "",
        f"{'':5}{'invoices':>10}{'billed':>18}{'of it tax':>18}{'paid':>18}{'credit notes':>18}",
    ]
    for currency, row in found["currencies"].items():
        amounts = (Money(row.get(name, 0), currency).major() for name in ("billed", "tax", "paid", "credited"))
        lines.append(f"{currency:5}{row.get('invoices', 0):>10,}" + "".join(f"{amount:>18,}" for amount in amounts))
    lines += [
        "",
        "subscriptions: " + ", ".join(f"{count:,} {status}" for status, count in found["subscriptions"].items()),
    ]
    lines.append(f"usage: {found['usage_events']:,} events stored, {found['usage_events_billed']:,} of them billed")
    lines += ["done: " + ", ".join(f"{count:,} {verb}" for verb, count in found["done"].items())]
    if found["refused"]:
        lines += ["refused: " + ", ".join(f"{count:,} {code}" for code, count in found["refused"].items())]
    held = (
        "all invariants hold" if not found["invariants_broken"] else f"BROKEN: {', '.join(found['invariants_broken'])}"
    )
    lines += ["", f"{held}; digest {found['digest'][:16]}; its test clock: {found['test_clock_id']}"]
    return "\n".join(lines)
