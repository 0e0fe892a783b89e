"""Make a member of the staff with one role and a random password, printed alone and this once on stdout."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from apps.access import rules
from apps.access.models import User
from apps.kernel.actors import system
from apps.kernel.transactions import unit_of_work


class Command(BaseCommand):
    help = "Make a staff user with a random password and print the password. It is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", required=True, choices=[role.value for role in rules.Role])

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.BILLING_LIVEMODE:
            raise CommandError("Live deployments have no made-up passwords. Use `manage.py createsuperuser`.")
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is no e-mail address.") from None
        if User.objects.filter(username=email).exists():
            raise CommandError(f"{email} is there already. Choose another address.")
        password = secrets.token_urlsafe(12)
        with unit_of_work(system("create_staff")):
            user = User.objects.create_user(email, email=email, password=password, is_staff=True)
            user.groups.add(Group.objects.get_or_create(name=options["role"])[0])
        self.stdout.write(password)
