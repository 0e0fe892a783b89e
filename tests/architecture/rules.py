"""What the house demands of a source file, as functions from its tree to the faults found. No test, no file is read."""

import ast
import re
from collections.abc import Iterator

PARTS = ("Owns:", "Does not own:", "Calls:", "Announces:")
CLOCKS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("timezone", "now"),
    ("timezone", "localdate"), ("timezone", "localtime"), ("time", "time"), ("time", "time_ns"), ("time", "monotonic"),
    ("time", "localtime"), ("time", "gmtime"),
}  # fmt: skip
"""How Python and Django tell the time, as `from x import y` or `x.y`. Only apps/kernel/clock.py may ask."""
IMPURE = (
    "django",
    "rest_framework",
    "celery",
    "redis",
    "psycopg",
    "stripe",
    "djstripe",
    "requests",
    "apps.kernel.clock",
)
VAGUE = re.compile(r"^(utils?|helpers?|common|services?|managers?|misc)$")
MACHINE_PATH = re.compile(r"(?<![\w.~$}>-])/(?:home|root|tmp|Users|work|workspace|builds)/")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def missing_parts(docstring: str) -> list[str]:
    """Parts of an app's docstring that are absent or out of order."""
    rest = " ".join(docstring.split())
    missing = []
    for part in PARTS:
        _, found, after = rest.partition(part)
        if found:
            rest = after
        else:
            missing.append(part)
    return missing


def floats(tree: ast.AST) -> Iterator[int]:
    """Lines with a float literal or the name `float`."""
    for node in ast.walk(tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if literal or (isinstance(node, ast.Name) and node.id == "float"):
            yield node.lineno  # type: ignore[attr-defined]


def clock_readings(tree: ast.AST) -> Iterator[int]:
    """Lines that reach for the wall clock, called or handed on (`default=timezone.now`)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (_last_name(node.value), node.attr) in CLOCKS:
            yield node.lineno
        if isinstance(node, ast.ImportFrom):
            origin = (node.module or "").rpartition(".")[2]
            if any((origin, alias.name) in CLOCKS for alias in node.names):
                yield node.lineno


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def inner_imports(tree: ast.AST) -> Iterator[int]:
    """Lines that import inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from {each.lineno for each in ast.walk(node) if isinstance(each, ast.Import | ast.ImportFrom)}


def impure_imports(tree: ast.AST) -> Iterator[int]:
    """Lines that import what a pure file may not know."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        if any(name == bad or name.startswith(f"{bad}.") for name in names for bad in IMPURE):
            yield node.lineno  # type: ignore[attr-defined]


def idle_tests(tree: ast.AST) -> Iterator[int]:
    """Lines that skip a test or expect it to fail."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "xfail", "importorskip"}:
            base = ast.unparse(node.value)
            if base in {"pytest", "pytest.mark", "unittest"}:
                yield node.lineno


def links(markdown: str) -> list[str]:
    """Targets of links and pictures, those inside code blocks left out."""
    return [one or other for one, other in LINK.findall(FENCE.sub("", markdown))]


def anchors(markdown: str) -> set[str]:
    """What `#...` may name: headings, lower case, words joined by hyphens, as code hosts make them."""
    found = HEADING.findall(FENCE.sub("", markdown))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}
