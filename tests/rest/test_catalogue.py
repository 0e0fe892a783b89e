"""Where `type` of a refusal leads there is something to read."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from apps.access.rules import TABLE
from apps.rest.catalogue import ROOT, catalogue
from billing_project.roles import table

LITERAL = re.compile(
    r"\b(?:Malformed|Unauthenticated|Forbidden|NotFound|Conflict|PreconditionFailed|TooLarge|Invalid|TooManyRequests"
    r'|Unavailable|Internal|_refused)\(\s*"([a-z_]+)"|\bProblem\([^"]*(?:"[^"]*", )?"([a-z_]+)"|\.fail\(\s*"([a-z_]+)"'
)


def test_every_code_of_the_source_has_its_place_on_the_page() -> None:
    page = Client().get("/docs/errors").content.decode()
    anchors = set(re.findall(r'<tr id="([a-z_]+)">', page))
    codes = {
        next(filter(None, found)) for file in ROOT.rglob("*.py") for found in LITERAL.findall(file.read_text())
    }  # found by text, where the catalogue goes by syntax
    assert len(codes) > 60
    assert codes <= anchors
    assert {each.code for each in catalogue()} == anchors


@pytest.mark.parametrize("each", catalogue(), ids=lambda each: each.code)
def test_every_code_has_a_hint_and_a_status(each: object) -> None:
    assert len(each.hint) > 8  # type: ignore[attr-defined]
    assert 400 <= each.status < 600  # type: ignore[attr-defined]


def test_the_roles_are_described() -> None:
    shown = table()
    assert all(f"| `{resource}` |" in shown for resource in TABLE)
    assert "| `ledger` | read | read | - | read |" in shown
    assert "## Roles" in Client().get("/v1/openapi.json").json()["info"]["description"]


@pytest.mark.fr("SC-016")
def test_the_committed_catalogue_is_the_one_of_the_code(tmp_path: Path) -> None:
    made = tmp_path / "errors.md"
    call_command("error_codes", file=str(made))
    assert made.read_text() == (settings.BASE_DIR / "docs" / "errors.md").read_text(), (
        "codes changed: run\nmanage.py error_codes --file docs/errors.md"
    )
