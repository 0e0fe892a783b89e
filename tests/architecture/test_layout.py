"""The house's rules over every file: docstrings of the rooms, names, lengths, purity, clocks, imports, links."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture import rules

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300
VAGUE_NAMES_ALLOWED = {
    "billing_project/services": "the supervisor of the services (PostgreSQL, Valkey, sandbox) that a machine runs",
}
OWN_CLOCK = (
    "apps/kernel/clock.py",  # the one reader
    "billing_project/services/",  # before Django is loaded
    "billing_project/stripe_sandbox/",  # another company's server
    "billing_project/demo/",  # a client of the API
)

Check = Callable[[ast.AST], Iterator[int]]


def python(*folders: str, migrations: bool = False) -> dict[str, str]:
    """Path -> text of the Python files below `folders`."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return {
        str(path.relative_to(ROOT)): path.read_text() for path in paths if migrations or "migrations" not in path.parts
    }


def faults(check: Check, sources: dict[str, str]) -> list[str]:
    return [f"{path}:{line}" for path, text in sources.items() for line in sorted(check(ast.parse(text)))]


def pure() -> dict[str, str]:
    """Files that hold sums: kernel's money and dates, and the rules of every app."""
    sums = {f"apps/kernel/{name}.py" for name in ("money", "periods", "currencies")}
    return {
        path: text
        for path, text in python("apps").items()
        if path in sums or Path(path).parts[2:3] in (("rules",), ("rules.py",))
    }


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def rooms() -> list[Path]:
    return sorted(path.parent for path in (ROOT / "apps").glob("*/__init__.py"))


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_a_room_says_what_it_owns(room: Path):
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
    assert rules.missing_parts(docstring) == []


def test_names_are_nouns_of_the_subject():
    files = python("apps", "billing_project", migrations=True)
    names = {parent for path in files for parent in map(str, [*Path(path).parents, Path(path).with_suffix("")])}
    vague = {name for name in names if rules.VAGUE.match(Path(name).name)}
    assert vague == set(VAGUE_NAMES_ALLOWED)


def test_no_file_is_long():
    sources = python("apps", "billing_project")
    assert [path for path, text in sources.items() if len(text.splitlines()) > LONGEST] == []


def test_sums_know_no_float():
    assert len(pure()) > 10
    assert faults(rules.floats, pure()) == []


def test_sums_import_nothing_that_acts():
    assert faults(rules.impure_imports, pure()) == []


def test_one_file_reads_the_clock():
    sources = python("apps", "billing_project")
    assert list(rules.clock_readings(ast.parse(sources["apps/kernel/clock.py"])))
    others = {path: text for path, text in sources.items() if not path.startswith(OWN_CLOCK)}
    assert faults(rules.clock_readings, others) == []


def test_imports_stand_at_the_top():
    assert faults(rules.inner_imports, python("apps", "billing_project", migrations=True)) == []


def test_nothing_is_left_to_be_done_later():
    later = "TO" + "DO"
    everything = {
        **python("apps", "billing_project", "tests", migrations=True),
        "Makefile": (ROOT / "Makefile").read_text(),
    }
    everything |= {path.name: path.read_text() for path in documents()}
    assert [path for path, text in everything.items() if later in text] == []


def test_no_test_is_put_to_sleep():
    assert faults(rules.idle_tests, python("tests")) == []


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path):
    broken = []
    for target in rules.links(document.read_text()):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        aim = (document.parent / path).resolve() if path else document
        if not aim.exists() or (anchor and anchor not in rules.anchors(aim.read_text())):
            broken.append(target)
    assert broken == []


def test_every_document_is_found_from_the_index():
    index = rules.links((ROOT / "docs" / "README.md").read_text())
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"} <= set(index)


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_name_no_machine(document: Path):
    text = document.read_text()
    assert [line for line in text.splitlines() if rules.MACHINE_PATH.search(line)] == []


@pytest.mark.parametrize(
    ("check", "source", "lines"),
    [
        (rules.floats, "A = 1\nB = 0.5\nC = float('2')\n", [2, 3]),
        (rules.clock_readings, "at = clock.wall()\na = datetime.now(UTC)\nb = datetime.datetime.utcnow()\n", [2, 3]),
        (rules.clock_readings, "field = DateTimeField(default=timezone.now)\nfrom time import time\n", [1, 2]),
        (
            rules.inner_imports,
            "import a\n\ndef f():\n    if a:\n        import b\n\nasync def g():\n    from c import d\n",
            [5, 8],
        ),
        (rules.impure_imports, "import decimal\nfrom django.db import models\nfrom apps.kernel import clock\n", [2, 3]),
        (
            rules.idle_tests,
            "@pytest.mark.xfail\ndef test_a(): ...\n\ndef test_b():\n    pytest.skip('later')\n",
            [1, 5],
        ),
    ],
)
def test_a_planted_fault_is_found(check: Check, source: str, lines: list[int]):
    assert sorted(check(ast.parse(source))) == lines


def test_planted_faults_in_words_are_found():
    assert rules.missing_parts("Owns: a. Does not\nown: b. Announces: c.") == ["Calls:"]
    assert rules.links("[a](b.md) ![c](d.svg)\n```\n[x](gone.md)\n```\n[e](f.md#g)") == ["b.md", "d.svg", "f.md#g"]
    assert rules.anchors("# One `two`, three\n```\n# comment\n```\n## B") == {"one-two-three", "b"}
    assert rules.MACHINE_PATH.search("see /home/ada/billing")
    assert not rules.MACHINE_PATH.search("under the home/ folder, http://host/home")
    assert [name for name in ("utils", "helpers", "managers", "manage", "commons") if rules.VAGUE.match(name)] == [
        "utils", "helpers", "managers",
    ]  # fmt: skip
