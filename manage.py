#!/usr/bin/env python
"""The one entry for commands: starts or attaches to the services of DATA where a command needs them, then runs Django."""

import os
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent
NEEDS_NO_SERVICES = {"", "check", "help", "makemigrations", "version", "--help", "-h", "--version", "collectstatic",
                     "makemessages", "compilemessages", "startapp", "diffsettings"}  # fmt: skip


def fail(message: str, hint: str) -> int:
    sys.stderr.write(f"{message}\n  hint: {hint}\n")
    return 2


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):
        return fail(f"Python {sys.version.split()[0]} is too old", "use Python 3.11 or newer: `make setup`, then .venv/bin/python")
    command = arguments[1] if len(arguments) > 1 else ""
    sys.path.insert(0, str(CHECKOUT))
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - the hint needs the attempt

        from billing_project.services import ServiceError  # noqa: PLC0415
        from billing_project.services.attach import fill_environment  # noqa: PLC0415
        from billing_project.services.commands import run_services  # noqa: PLC0415
    except ModuleNotFoundError as error:
        return fail(f"{error.name} is not installed for {sys.executable}", "run `make setup`, then use .venv/bin/python manage.py")
    try:
        if command == "services":
            return run_services(arguments[2:])
        if command not in NEEDS_NO_SERVICES and not {"--help", "-h"} & set(arguments[2:]):
            fill_environment()
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
    execute_from_command_line(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
