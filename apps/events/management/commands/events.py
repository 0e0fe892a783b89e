"""manage.py events: who hears what."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.events import registry
from apps.events.checks import subscriptions_are_declared
from apps.events.declare import declared


class Command(BaseCommand):
    help = "Print each event type with the handlers that hear it; --check fails on a handler of an undeclared type."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only check, print what is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = subscriptions_are_declared()
        if wrong:
            raise CommandError("\n".join(f"{message.msg} ({message.hint})" for message in wrong))
        if options["check"]:
            return
        rows = [("event", "version", "inline", "queued")]
        rows += [
            (event_type, str(event.version), _names(event_type, inline=True), _names(event_type, inline=False))
            for event_type, event in declared().items()
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        for row in rows:
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write(line.rstrip())


def _names(event_type: str, *, inline: bool) -> str:
    return ", ".join(found.name for found in registry.listening(event_type, inline=inline)) or "-"
