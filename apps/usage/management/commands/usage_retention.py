"""`manage.py usage_retention [--dry-run]`: drop usage that is two years old, and say what; due work does so too."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.kernel import clock
from apps.kernel.actors import system
from apps.usage.actions.partitions import drop_old
from apps.usage.actions.retention import forget
from apps.usage.queries.partitions import Part, old
from apps.usage.queries.retention import useless


class Command(BaseCommand):
    help = "Drop months of events and years of keys that ended two years ago; prints each with its size."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        at = clock.wall()
        parts = old(at)
        held = [part for part in parts if part.held]
        going = [part for part in parts if not part.held]
        if not dry_run:
            going = drop_old(at=at, actor=system("usage.retention"))
        for part in going:
            self.stdout.write(f"{'would drop' if dry_run else 'dropped'} {_line(part)}")
        windows, corrections = useless(at) if dry_run else forget(at=at, actor=system("usage.retention"))
        word = "would forget" if dry_run else "forgot"
        self.stdout.write(f"{word} {windows} windows and {corrections} corrections of events that are gone")
        for part in held:
            self.stdout.write(f"kept {_line(part)}: a period that is not finished began before its end")
        self.stdout.write(f"{len(going)} {'to drop' if dry_run else 'dropped'}, {len(held)} kept")


def _line(part: Part) -> str:
    return f"{part.name} (ended {part.ended:%Y-%m-%d}, about {part.rows} rows, {part.bytes} bytes)"
