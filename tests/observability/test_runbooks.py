"""A runbook for each alert, whole, with queries that PostgreSQL and Prometheus really take."""

import re
from pathlib import Path

import pytest
import yaml
from django.db import connection, transaction

from observability.source.alerts import ALERTS
from tests.observability.programs import FOLDER, run

RUNBOOKS = FOLDER / "runbooks"
SECTIONS = ("Meaning", "Impact", "First five minutes", "Queries", "Mend", "Escalate", "Afterwards")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)")
AWAITED: set[str] = {"pg_stat_statements"}
"""What a query of a runbook reads that a plain database does not have."""


def books() -> dict[str, str]:
    return {path.stem: path.read_text() for path in sorted(RUNBOOKS.glob("*.md")) if path.stem != "README"}


def test_each_alert_has_a_runbook_and_each_runbook_an_alert() -> None:
    assert books().keys() == {alert.name for alert in ALERTS}
    rules = yaml.safe_load((FOLDER / "alerting.yaml").read_text())
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        assert rule["annotations"]["runbook_url"].endswith(f"/{rule['alert']}.md")


@pytest.mark.parametrize("name", [alert.name for alert in ALERTS])
def test_a_runbook_is_whole(name: str) -> None:
    text = books()[name]
    assert text.startswith(f"# {name}\n")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    assert tuple(parts[1::2]) == SECTIONS
    assert all(len(part.strip()) > 15 for part in parts[2::2]), "a section says nothing"
    assert parts[6].count("```") == parts[8].count("```") == 2, "no commands"


def test_every_link_leads_somewhere() -> None:
    for path in RUNBOOKS.glob("*.md"):
        broken = [
            link for link in LINK.findall(path.read_text()) if "://" not in link and not (path.parent / link).exists()
        ]
        assert broken == [], path.name


def test_every_query_for_prometheus_parses(tmp_path: Path) -> None:
    found = [one for text in books().values() for one in re.findall(r"query instant \$PROMETHEUS '(.+)'", text)]
    assert len(found) > 60
    rules = [{"record": f"runbook:query_{number}", "expr": query} for number, query in enumerate(found)]
    (tmp_path / "queries.yaml").write_text(yaml.safe_dump({"groups": [{"name": "runbooks", "rules": rules}]}))
    run("promtool", "check", "rules", "queries.yaml", cwd=tmp_path)


@pytest.mark.django_db
def test_every_query_for_postgresql_runs() -> None:
    found = {one for text in books().values() for one in re.findall(r'psql "\$DATABASE_URL" -c "(.+)"', text)}
    assert len(found) > 15
    for query in found:
        if not any(name in query for name in AWAITED):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(query)


def test_commands_of_ours_exist() -> None:
    named = {one for text in books().values() for one in re.findall(r"manage\.py (\w+)", text)}
    there = {path.stem for path in FOLDER.parent.glob("apps/*/management/commands/*.py")}
    assert named <= there
