"""Where `type` of a refusal leads there is something to read."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from apps.access.rules import TABLE
from apps.rest.catalogue import ROOT, catalogue
from apps.rest.faults import GENERIC, HINTS
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


@pytest.mark.fr("SC-016")
def test_no_code_has_the_generic_hint() -> None:
    assert [each.code for each in catalogue() if each.hint in GENERIC] == []
    assert [code for code, hint in HINTS.items() if len(hint) < 20] == []
    assert set(HINTS) <= {each.code for each in catalogue()}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('def f():\n    raise Invalid("a_b", "It is.", hint="Do it.")', ("a_b", 422, "Do it.")),
        ('def f():\n    hint = "Do it."\n    raise Conflict("a_b", "It is.", hint=hint)', ("a_b", 409, "Do it.")),
        ('def _no(code, detail):\n    return NotFound(code, detail, hint="Do it.")\n_no("a_b", "It is.")',
         ("a_b", 404, "Do it.")),
        ('def _no(name, code, hint):\n    return Invalid(code, "It is.", hint=hint)\n_no("x", "a_b", f"Do {it}.")',
         ("a_b", 422, "Do ….")),
        ('SAY = "Do {it}."\ndef f():\n    raise Invalid("a_b", "It is.", hint=SAY.format(it=1) + " Now.")',
         ("a_b", 422, "Do …. Now.")),
        ('def f():\n    raise Invalid("required", "It is.", hint="Mend what `errors` points at.")',
         ("required", 422, HINTS["required"])),
    ],
)  # fmt: skip
def test_a_hint_is_found_wherever_it_stands(
    source: str, expected: tuple[str, int, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "planted.py").write_text(source)
    monkeypatch.setattr("apps.rest.catalogue.ROOT", tmp_path)
    found = {each.code: each for each in catalogue.__wrapped__()}[expected[0]]
    assert (found.code, found.status, found.hint) == expected
    assert "x" not in {each.code for each in catalogue.__wrapped__()}
