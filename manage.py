#!/usr/bin/env python
"""The one entry for commands: starts, or attaches to, the services of DATA that a command needs, then runs Django."""

import os
import secrets
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent
NEEDS_NO_SERVICES = {
    "check", "collectstatic", "compilemessages", "diffsettings", "events", "help", "lintmigrations", "makemessages",
    "makemigrations", "spectacular", "startapp", "version", "--help", "--version", "-h",
}  # fmt: skip
OLDEST_PYTHON = (3, 11)


def fail(message: str, hint: str) -> int:
    sys.stderr.write(f"{message}\n  hint: {hint}\n")
    return 2


def main(arguments: list[str]) -> int:
    command, rest = (arguments[1], arguments[2:]) if len(arguments) > 1 else ("help", [])
    if sys.version_info < OLDEST_PYTHON:
        return fail(f"Python {sys.version.split()[0]} is too old", "3.11 or newer is needed: `make setup`")
    sys.path.insert(0, str(CHECKOUT))
    try:
        # Here and not above, so that a missing .venv or an old Python gets a hint instead of a traceback.
        from django.core.management import execute_from_command_line

        from billing_project import demo
        from billing_project.services import ServiceError
        from billing_project.services.attach import fill_environment
        from billing_project.services.commands import run_services
    except ModuleNotFoundError as error:
        return fail(f"{error.name} is missing in {sys.executable}", "run `make setup`, then .venv/bin/python manage.py")
    try:
        if command == "services":
            return run_services(rest)
        if command in NEEDS_NO_SERVICES or {"--help", "-h"} & set(rest):
            os.environ.setdefault("SECRET_KEY", secrets.token_hex(32))
        else:
            fill_environment()
        if command == "demo":
            return demo.main()
    except (ServiceError, demo.DemoFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
    execute_from_command_line(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
