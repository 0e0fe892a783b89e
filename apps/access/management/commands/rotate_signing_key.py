"""A new key signs tokens from now on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.access.actions.signing import rotate
from apps.kernel import clock
from apps.kernel.actors import system


class Command(BaseCommand):
    help = "Sign tokens by a new key from now on. With --withdraw, refuse those signed so far."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--withdraw", action="store_true", help="a key was seen: refuse what was signed so far")

    def handle(self, *args: Any, **options: Any) -> None:
        key = rotate(at=clock.wall(), actor=system("rotate_signing_key"), withdraw=options["withdraw"])
        self.stdout.write(key.kid)
