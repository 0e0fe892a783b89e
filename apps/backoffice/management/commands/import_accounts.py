"""manage.py import_accounts: customers with their subscriptions and card tokens, from a CSV file."""

import csv
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.backoffice.importing import batches, reading, staging
from apps.backoffice.importing.checking import Checker, Customer
from apps.backoffice.importing.reading import Fault
from apps.clocks.models import TestClock
from apps.clocks.queries import now_by_clock
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.errors import DomainError
from apps.plans.queries import all_current_terms
from apps.plans.rules import Terms

BATCH = 500
SHOWN = 100
BAD_FILE = 2
PROGRESS_SECONDS = 2.0


class Command(BaseCommand):
    help = "Import customers from a CSV file. Ends with 2 if the file is bad; then nothing of it is imported."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV in UTF-8 with a header; - is stdin")
        parser.add_argument("--dry-run", action="store_true", help="check everything and write nothing")
        parser.add_argument("--skip-bad", action="store_true", help="import the good lines of a bad file")
        parser.add_argument("--clock", metavar="ID_OR_NAME", help="the test clock that these accounts live on")
        parser.add_argument("--errors", metavar="FILE", help="write every fault to this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        self._bad, self._lines, self._said = 0, 0, clock.monotonic()
        clock_id = _clock_id(options["clock"])
        at, terms = now_by_clock([clock_id])[clock_id], all_current_terms()
        try:
            with ExitStack() as stack:
                stream = sys.stdin.buffer if options["file"] == "-" else stack.enter_context(open_(options["file"]))
                written = None
                if options["errors"]:
                    file = stack.enter_context(Path(options["errors"]).open("w", newline="", encoding="utf-8"))
                    written = csv.writer(file)
                    written.writerow(["line", "column", "reason", "hint"])
                self._faults_file = written
                stack.enter_context(staging.table())
                self._check(stream, Checker(terms, clock_id=clock_id, at=at), terms)
                self._verdict(skip=options["skip_bad"])
                if options["dry_run"]:
                    self.stdout.write("nothing was written: this was a dry run")
                    return
                self._bring_in(terms, at)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}\n  hint: check the path", returncode=2) from error
        except DomainError as error:
            raise CommandError(f"{error.detail}\n  hint: {error.hint}", returncode=BAD_FILE) from error

    def _check(self, stream: IO[bytes], checker: Checker, terms: Mapping[str, Terms]) -> None:
        good: list[Customer] = []
        for row in reading.rows(stream, reading.header(stream)):
            self._lines += 1
            found = [row] if isinstance(row, Fault) else checker.check(row)
            if isinstance(found, Customer):
                good.append(found)
            else:
                self._report(found)
            if len(good) == BATCH:
                self._stage(good, terms)
                good = []
            self._progress(f"checked {self._lines} lines, {self._bad} faults")
        self._stage(good, terms)
        doubles = list(staging.doubles())
        self._report(doubles)
        staging.drop([fault.line for fault in doubles])

    def _stage(self, customers: list[Customer], terms: Mapping[str, Terms]) -> None:
        faults = batches.differing(customers, terms)
        self._report(faults)
        bad = {fault.line for fault in faults}
        staging.add([each for each in customers if each.line not in bad])

    def _bring_in(self, terms: Mapping[str, Terms], at: Any) -> None:
        done, last, started = batches.Imported(), 0, clock.monotonic()
        while customers := staging.after(last, limit=BATCH):
            last = customers[-1].line
            done.add(batches.bring_in(customers, terms, at=at, actor=system("import_accounts")))
            self._progress(f"imported {done.accounts + done.accounts_there} customers")
        seconds = max(clock.monotonic() - started, 0.001)
        self.stdout.write(
            f"accounts: {done.accounts} created, {done.accounts_there} were there already\n"
            f"subscriptions: {done.subscriptions} created, {done.subscriptions_there} were there already\n"
            f"card tokens: {done.tokens} wait for the worker to attach them\n"
            f"{(done.accounts + done.accounts_there) / seconds:.0f} customers a second"
        )

    def _verdict(self, *, skip: bool) -> None:
        if self._bad > SHOWN:
            self.stdout.write(f"... and {self._bad - SHOWN} more; --errors FILE writes all")
        if self._bad and not skip:
            raise CommandError(
                f"{self._bad} faults in {self._lines} lines; nothing was imported\n"
                "  hint: mend them, or import the good lines with --skip-bad",
                returncode=BAD_FILE,
            )
        self.stdout.write(f"{self._lines} lines checked, {self._bad} faults")

    def _report(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self._bad += 1
            if self._faults_file is not None:
                self._faults_file.writerow([fault.line, fault.column, fault.reason, fault.hint])
            if self._bad <= SHOWN:
                place = f"line {fault.line}" + (f", {fault.column}" if fault.column else "")
                self.stdout.write(f"{place}: {fault.reason}\n    hint: {fault.hint}")

    def _progress(self, text: str) -> None:
        if clock.monotonic() - self._said >= PROGRESS_SECONDS:
            self._said = clock.monotonic()
            self.stderr.write(text)


def open_(name: str) -> IO[bytes]:
    """The file to read; a folder or a missing one is an OSError."""
    return Path(name).open("rb")


def _clock_id(name: str | None) -> UUID | None:
    if name is None:
        return None
    found = list(TestClock.objects.filter(name=name)[:2])
    if not found:
        try:
            found = list(TestClock.objects.filter(pk=UUID(name)))
        except ValueError:
            found = []
    if len(found) != 1:
        why = "Several test clocks have this name" if found else "There is no such test clock"
        raise CommandError(f"{why}: {name}\n  hint: POST /v1/test-clocks makes one; give its id", returncode=1)
    return found[0].pk
