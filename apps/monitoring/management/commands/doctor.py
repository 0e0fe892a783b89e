"""manage.py doctor: what is wrong here, and how to mend it. Ends with 1 if anything FAILED."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.monitoring.doctor import Health, Report, examine


class Command(BaseCommand):
    help = "Check database, Redis, Stripe, migrations, clocks and beat; say how to mend what is wrong; 1 if any FAILED."
    # A wrong key is a finding with a hint here, not the end.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = examine()
        if options["json"]:
            self.stdout.write(json.dumps(document(reports), indent=2))
        else:
            for report in reports:
                self.stdout.write("\n".join(lines(report)))
        if any(report.health is Health.FAILED for report in reports):
            sys.exit(1)


def lines(report: Report) -> list[str]:
    """One a finding, and one more for how to mend it; the worst first."""
    shown: list[str] = []
    for finding in sorted(report.findings, key=lambda each: list(Health).index(each.health), reverse=True):
        name = "" if shown else report.check
        shown.append(f"{finding.health.value:<8}  {name:<15}  {finding.says}")
        if finding.mend:
            shown.append(f"{'':<27}  -> {finding.mend}")
    return shown


def document(reports: list[Report]) -> dict[str, Any]:
    """The same for machines."""
    return {
        "ok": all(report.health is not Health.FAILED for report in reports),
        "checks": [
            {
                "check": report.check,
                "status": report.health.value,
                "milliseconds": report.milliseconds,
                "findings": [
                    {"status": each.health.value, "says": each.says, "mend": each.mend or None}
                    for each in report.findings
                ],
            }
            for report in reports
        ],
    }
