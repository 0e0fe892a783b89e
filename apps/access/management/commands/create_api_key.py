"""Make an API key from the command line and print it, alone, on stdout."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.access import rules
from apps.access.actions import create_api_key
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Make an API key of this deployment's mode and print it. It is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", required=True, choices=[role.value for role in rules.Role])
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--rate-limit", type=int, default=rules.DEFAULT_RATE_LIMIT, help="requests an hour; 0: no limit"
        )
        parser.add_argument("--expires-in-days", type=int, help="without it the key lives until it is revoked")
        parser.add_argument("--allow-cidr", action="append", default=[], help="repeatable; without it, any address")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.wall()
        days = options["expires_in_days"]
        try:
            _, plain = create_api_key(
                name=options["name"],
                role=options["role"],
                livemode=settings.BILLING_LIVEMODE,
                expires_at=None if days is None else now + timedelta(days=days),
                allowed_cidrs=options["allow_cidr"],
                rate_limit=options["rate_limit"],
                at=now,
                actor=system("create_api_key"),
            )
        except DomainError as error:
            problems = "".join(f"\n  {problem.pointer}: {problem.detail}" for problem in error.errors)
            raise CommandError(f"{error.detail} {error.hint}{problems}") from error
        self.stdout.write(plain)
