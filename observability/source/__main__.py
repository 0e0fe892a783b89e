"""`python -m observability.source [--check] [--runbooks URL]`: write the generated files, or say which are stale."""

import argparse
import sys
from pathlib import Path

from observability.source import alertmanager, cases, dashboards, prometheus, rules_files
from observability.source.durations import Scale

ROOT = Path(__file__).resolve().parents[1]


def generated(runbooks: str = rules_files.RUNBOOKS) -> dict[str, str]:
    """Path below observability/ -> text."""
    return {
        "alerting.yaml": rules_files.alerting(Scale(), runbooks),
        **dashboards.files(),
        "alertmanager.yml": alertmanager.config(Scale(), alertmanager.Platform()),
        "prometheus.yml": prometheus.config(Scale(), prometheus.Targets()),
        "recording.yaml": rules_files.recording(Scale()),
        "templates/billing.tmpl": alertmanager.TEMPLATES,
        "tests/alerting.yaml": cases.promtool_tests(hourly=False),
        "tests/hourly.yaml": cases.promtool_tests(hourly=True),
    }


def main() -> int:
    arguments = argparse.ArgumentParser(prog="observability.source")
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--runbooks", default=rules_files.RUNBOOKS)
    given = arguments.parse_args()
    stale = []
    for name, text in generated(given.runbooks).items():
        path = ROOT / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if not given.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    sys.stdout.write("".join(f"{name}\n" for name in stale))
    return int(bool(stale) and given.check)


if __name__ == "__main__":
    sys.exit(main())
