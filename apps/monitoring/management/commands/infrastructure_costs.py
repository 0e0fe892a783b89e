"""manage.py infrastructure_costs FILE: a provider's bill as CSV (item, monthly dollars, from which day), entered."""

import csv
import sys
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.errors import Conflict
from apps.kernel.transactions import unit_of_work
from apps.monitoring.actions.reports import priced

ACTOR = system("monitoring.costs")
COLUMNS = ("item", "monthly_dollars", "valid_from")
MOST_ROWS = 10_000


class Command(BaseCommand):
    help = (
        f"Enter costs from a CSV with the columns {', '.join(COLUMNS)}; all rows, or none. Known ones are left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the CSV; - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        text = sys.stdin.read() if options["file"] == "-" else Path(options["file"]).read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(text.splitlines()))[: MOST_ROWS + 1]
        if len(rows) > MOST_ROWS:
            raise CommandError(f"more than {MOST_ROWS} rows: is this the right file?")
        if rows and not set(COLUMNS) <= rows[0].keys():
            raise CommandError(f"the first line has to name {', '.join(COLUMNS)}")
        new = 0
        with unit_of_work(ACTOR):
            for number, row in enumerate(rows, 2):
                new += self._entered(number, row)
        self.stdout.write(f"{new} entered, {len(rows) - new} known already")

    def _entered(self, number: int, row: dict[str, str]) -> bool:
        try:
            cents = Decimal(row["monthly_dollars"]) * 100
            day, item = date.fromisoformat(row["valid_from"]), row["item"].strip()
            if cents < 0 or cents != cents.to_integral_value() or not item or len(item) > 100:
                raise ValueError
        except (InvalidOperation, ValueError, TypeError, AttributeError) as error:
            raise CommandError(f"line {number} is no cost: {dict(row)}") from error
        try:
            priced(item=item, monthly_cents=int(cents), valid_from=day, note="", at=clock.wall(), actor=ACTOR)
        except Conflict:
            return False
        return True
