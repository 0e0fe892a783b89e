"""The trace of requirements: what counts as a claim, what is refused, and the real one."""

import re
import subprocess
import sys

import pytest

from tests.trace import ROOT, ROW, report, trace

REQUIREMENTS = (
    "# R\n\n| row | what |\n| --- | --- |\n| FR-001 | One |\n| FR-002 | Two |\n| SC-001 | Fast |\n| B-01 | More |\n"
)


def of(text: str, path: str = "tests/a/test_b.py"):
    return trace(REQUIREMENTS, {path: "import pytest\n" + text})


def test_rows_are_read_from_the_document():
    assert dict(trace(REQUIREMENTS, {}).titles) == {"FR-001": "One", "FR-002": "Two", "SC-001": "Fast", "B-01": "More"}


def test_a_marker_claims_its_rows_on_functions_classes_and_modules():
    found = of(
        "pytestmark = [pytest.mark.django_db, pytest.mark.fr('B-01')]\n"
        "@pytest.mark.fr('FR-001', 'FR-002')\ndef test_one(): ...\n"
        "@pytest.mark.fr('SC-001')\nclass TestIt:\n"
        "    @pytest.mark.fr('FR-002')\n    async def test_two(self): ...\n"
    )
    assert found.faults == []
    assert found.tests == {
        "FR-001": ["tests/a/test_b.py::test_one"],
        "FR-002": ["tests/a/test_b.py::test_one", "tests/a/test_b.py::TestIt::test_two"],
        "SC-001": ["tests/a/test_b.py::TestIt"],
        "B-01": ["tests/a/test_b.py"],
    }


def test_a_marker_inside_a_parameter_counts_for_its_test():
    found = of(
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.fr('FR-001'))])\ndef test_one(x): ...\n"
    )
    assert (found.faults, found.tests["FR-001"]) == ([], ["tests/a/test_b.py::test_one"])


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ("@pytest.mark.fr('FR-999')\ndef test_one(): ...\n", "tests/a/test_b.py", "there is no row FR-999"),
        ("@pytest.mark.fr('FR-1')\ndef test_one(): ...\n", "tests/a/test_b.py", "there is no row FR-1"),
        ("@pytest.mark.fr()\ndef test_one(): ...\n", "tests/a/test_b.py", "names no row"),
        ("@pytest.mark.fr(ROW)\ndef test_one(): ...\n", "tests/a/test_b.py", "plain strings"),
        ("@pytest.mark.fr('FR-001')\ndef make_one(): ...\n", "tests/a/test_b.py", "marks nothing"),
        ("@pytest.mark.fr('FR-001')\ndef test_one(): ...\n", "tests/a/probes.py", "marks nothing"),
        ("@pytest.mark.fr('FR-001')\nclass Base:\n    def test_one(self): ...\n", "tests/a/test_b.py", "marks nothing"),
        ("pytestmark = pytest.mark.fr('FR-001')\ndef make(): ...\n", "tests/a/test_b.py", "marks nothing"),
    ],
)
def test_a_claim_that_proves_nothing_is_refused(text: str, path: str, said: str):
    faults = of(text, path).faults
    assert len(faults) == 1
    assert said in faults[0]


def test_the_report_shows_every_row_and_counts_at_the_end():
    lines = report(of("@pytest.mark.fr('FR-002')\ndef test_one(): ...\n"))
    assert lines[:4] == ["FR-001  One", "          -", "FR-002  Two", "          tests/a/test_b.py::test_one"]
    assert lines[-1] == "rows claimed: 1 of 4"


def run(**environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.trace"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_the_real_tests_claim_real_rows_and_strict_names_the_rest():
    plain, strict = run(), run(STRICT="1")
    assert (plain.returncode, plain.stderr) == (0, "")
    claimed, rows = map(int, re.fullmatch(r"rows claimed: (\d+) of (\d+)", plain.stdout.splitlines()[-1]).groups())
    assert strict.stdout == plain.stdout
    assert strict.stderr.count(" has no test\n") == rows - claimed
    assert strict.returncode == int(claimed < rows)


def test_the_document_lists_every_row_once_in_order():
    rows = [row for row, _ in ROW.findall((ROOT / "docs" / "requirements.md").read_text())]
    assert rows == [
        *(f"FR-{number:03}" for number in range(1, 157)),
        *(f"SC-{number:03}" for number in range(1, 54)),
        *(f"B-{number:02}" for number in range(1, 26)),
    ]
