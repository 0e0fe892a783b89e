"""manage.py invariants: does everything still add up? Ends with 1 if not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from apps.monitoring.invariants import INVARIANTS, broken


class Command(BaseCommand):
    help = "Check what must hold in the whole database, and name whatever breaks it."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = {each.invariant.name: each.faults for each in broken()}
        for invariant in INVARIANTS:
            self.stdout.write(f"{'BROKEN' if invariant.name in faults else 'holds '}  {invariant.says}")
            for fault in faults.get(invariant.name, ()):
                self.stdout.write(f"          {fault}")
        if faults:
            sys.exit(1)
