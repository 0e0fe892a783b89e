"""docs/errors.md from the source, so that no code is missing there."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.rest.catalogue import as_markdown


class Command(BaseCommand):
    help = "Print every code that a refusal may carry, with status and hint, as docs/errors.md holds them."
    requires_system_checks: Any = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", help="write there instead of printing")

    def handle(self, *args: Any, **options: Any) -> None:
        text = as_markdown()
        if options["file"]:
            with open(options["file"], "w", encoding="utf-8") as out:
                out.write(text)
        else:
            self.stdout.write(text, ending="")
