"""manage.py prepare: everything a database needs before the platform runs on it; repeating it changes nothing."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring tables, grants and the gateway's webhook endpoint up to date (connects as the owner)."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("grant")
        call_command("connect_stripe")
