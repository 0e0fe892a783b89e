"""What `verify_invoices` and `replay` share: every invoice, batch by batch, and what of it cannot be derived."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from apps.explain import queries
from apps.explain.rules import Difference, Invoice
from apps.rest.objects import encode

SHOWN = 100


class CheckingCommand(BaseCommand):
    """A command that holds stored invoices against `check`; it ends with 1 where one differs."""

    what = ""
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", type=_uuid, help="only invoices of this account")
        parser.add_argument("--since", type=_day, help="only invoices issued on this day (YYYY-MM-DD) or later")
        parser.add_argument(
            "--json", action="store_true", help="one line of JSON an invoice that differs, and a last one"
        )

    def check_invoice(self, invoice: Invoice) -> Iterable[Difference]:
        """What differs of one."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {"account_id": options["account"], "since": options["since"]}
        whole = queries.count(**wanted)
        looked = differing = 0
        for batch in queries.batches(**wanted):
            for invoice in queries.inputs(batch):
                differences = list(self.check_invoice(invoice))
                looked += 1
                if differences:
                    differing += 1
                    self._say(invoice, differences, as_json=options["json"], nth=differing)
            if not options["json"] and (self.stderr.isatty() or looked == whole or looked % 10_000 < len(batch)):
                self.stderr.write(f"{looked:,} of {whole:,} invoices {self.what}")
        if options["json"]:
            self.stdout.write(encode({"ok": not differing, "invoices": looked, "differing": differing}).decode())
        elif not differing:
            self.stdout.write(f"All {looked:,} invoices are as {self.what}: no figure differs.")
        if differing:
            self.stdout.flush()
            if not options["json"]:
                self.stderr.write(
                    f"{differing:,} of {looked:,} invoices are not as {self.what}. "
                    "GET /v1/invoices/{id}/explain shows each derivation."
                )
            sys.exit(1)

    def _say(self, invoice: Invoice, differences: list[Difference], *, as_json: bool, nth: int) -> None:
        if as_json:
            shown = [{"where": one.where, "figure": one.figure, "stored": str(one.stored), "derived": str(one.derived)}
                     for one in differences]  # fmt: skip
            self.stdout.write(
                encode({"invoice_id": invoice.id, "number": invoice.number, "differences": shown}).decode()
            )
        elif nth <= SHOWN:
            for one in differences:
                self.stdout.write(f"{invoice.number}: {one}")
        elif nth == SHOWN + 1:
            self.stdout.write("and more: --json shows all")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no id of an account: give the UUID that the API shows.") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no day: write it as 2026-04-30.") from error
