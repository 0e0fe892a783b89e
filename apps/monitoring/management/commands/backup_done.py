"""manage.py backup_done: whatever makes backups says that one is finished, so that an old one is an alert."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.kernel import clock
from apps.kernel.actors import system
from apps.monitoring.actions.reports import backed_up

ACTOR = system("monitoring.backup")


class Command(BaseCommand):
    help = "Record that a backup was finished and checked just now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=("full", "incremental", "wal"), help="what was backed up")
        parser.add_argument("--bytes", type=int, help="how large it is")

    def handle(self, *args: Any, **options: Any) -> None:
        made = backed_up(kind=options["kind"], size=options["bytes"], at=clock.wall(), actor=ACTOR)
        self.stdout.write(str(made))
