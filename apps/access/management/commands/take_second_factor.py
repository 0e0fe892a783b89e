"""For the day on which the last Super Admin has lost the device and all codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.access.actions.second_factor import forget_tries, take_away
from apps.access.models import User
from apps.kernel.actors import system


class Command(BaseCommand):
    help = "Take away the second factor of a member of the staff, who sets it up anew at the next sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"Nobody is named {options['username']}.")
        take_away(user.pk, actor=system("take_second_factor"))
        forget_tries(user)
        self.stderr.write("taken away; it is set up anew at the next sign-in")
