"""Which requirement is proved by which test: `python -m tests.trace` (`make trace`).

Rows come from docs/requirements.md, claims from the markers `@pytest.mark.fr("FR-026", ...)`, read from the source
without running it. An unknown row, or a marker that proves nothing because pytest runs no test under it, is refused.
`STRICT=1` also refuses a row without a test.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\| ((?:FR|SC)-\d{3}|B-\d{2}) \| (.+?) \|$", re.MULTILINE)

Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Trace:
    """Title and tests of every row, and what is wrong with the claims."""

    titles: Mapping[str, str]
    tests: dict[str, list[str]]
    faults: list[str] = field(default_factory=list)

    @property
    def unclaimed(self) -> list[str]:
        return [row for row in self.titles if not self.tests[row]]


def trace(requirements: str, sources: Mapping[str, str]) -> Trace:
    """`requirements` is the document's text, `sources` the text of every file of tests by its path."""
    titles = dict(ROW.findall(requirements))
    found = Trace(titles, {row: [] for row in titles})
    for path, text in sorted(sources.items()):
        for label, row in _claims(path, ast.parse(text, filename=path), found.faults):
            if row not in titles:
                found.faults.append(f"{label}: there is no row {row}")
            elif label not in found.tests[row]:
                found.tests[row].append(label)
    return found


def report(found: Trace) -> list[str]:
    """The matrix, a line for each row and each test; the last line counts."""
    lines = []
    for row, title in found.titles.items():
        lines.append(f"{row}  {title}")
        lines += [f"          {test}" for test in found.tests[row]] or ["          -"]
    claimed = len(found.titles) - len(found.unclaimed)
    return [*lines, f"rows claimed: {claimed} of {len(found.titles)}"]


def _claims(path: str, module: ast.Module, faults: list[str]) -> Iterator[tuple[str, str]]:
    """(label, row) of every marker; a label is what pytest takes as an argument."""
    collected = Path(path).name.startswith("test_")
    for label, scope in _scopes(path, module):
        for marker in _markers(scope):
            if not collected or not _has_tests(scope):
                faults.append(f"{label}: line {marker.lineno} marks nothing that pytest runs")
            for argument in marker.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield label, argument.value
                else:
                    faults.append(f"{label}: line {marker.lineno} must name its rows as plain strings")
            if not marker.args:
                faults.append(f"{label}: line {marker.lineno} names no row")


def _scopes(label: str, scope: Scope) -> Iterator[tuple[str, Scope]]:
    """The module, its classes and functions, and the methods of classes: all that can carry a marker."""
    yield label, scope
    if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        for child in scope.body:
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield from _scopes(f"{label}::{child.name}", child)


def _markers(scope: Scope) -> Iterator[ast.Call]:
    """Calls of `pytest.mark.fr` that hang on this scope: its decorators, or the `pytestmark` in its body."""
    places: list[ast.AST] = [] if isinstance(scope, ast.Module) else [*scope.decorator_list]
    if isinstance(scope, ast.Module | ast.ClassDef):
        places += [
            each.value
            for each in scope.body
            if isinstance(each, ast.Assign) and any(ast.unparse(target) == "pytestmark" for target in each.targets)
        ]
    for place in places:
        for node in ast.walk(place):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fr":
                yield node


def _has_tests(scope: Scope) -> bool:
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return scope.name.startswith("test")
    if isinstance(scope, ast.ClassDef) and not scope.name.startswith("Test"):
        return False
    return any(_has_tests(child) for _, child in _scopes("", scope) if child is not scope)


def main() -> int:
    """Print the matrix; 1 when a claim is wrong, or a row is unproved and STRICT=1."""
    sources = {
        str(path.relative_to(ROOT)): path.read_text()
        for path in (ROOT / "tests").rglob("*.py")
        if "__pycache__" not in path.parts
    }
    found = trace((ROOT / "docs" / "requirements.md").read_text(), sources)
    for fault in found.faults:
        print(fault, file=sys.stderr)
    strict = os.environ.get("STRICT") == "1"
    if strict:
        for row in found.unclaimed:
            print(f"{row} has no test", file=sys.stderr)
    print("\n".join(report(found)))
    return int(bool(found.faults) or (strict and bool(found.unclaimed)))


if __name__ == "__main__":
    sys.exit(main())
