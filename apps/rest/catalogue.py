"""Every code that a refusal may carry, its status and hint, read from the source that raises it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from apps.kernel import errors
from apps.rest.parsers import CORRECT_IT

ROOT = Path(__file__).resolve().parents[1]
STATUSES = {kind.__name__: kind.status for kind in errors.DomainError.__subclasses__()} | {
    "DomainError": errors.DomainError.status,
    "Internal": 500,
    "MethodNotAllowed": 405,
    "NotAcceptable": 406,
    "UnsupportedMediaType": 415,
}
# Made at run time: by the validators of Django REST framework and of the filters.
RUN_TIME = (
    "blank",
    "date",
    "datetime",
    "invalid",
    "invalid_choice",
    "make_aware",
    "max_decimal_places",
    "max_digits",
    "max_string_length",
    "max_whole_digits",
    "null_not_allowed",
    "overflow",
    "required",
    "surrogate_characters_not_allowed",
    "null_characters_not_allowed",
    "too_large",
    "too_long",
    "too_short",
    "too_small",
)
_FAULTS = {"Problem": 1, "ErrorDetail": 1}

_HEAD = (
    "# Errors",
    "",
    "Every code that a refusal may carry, with its status and what to do about it. Codes are stable: decide by them.",
    "Those of status 422 may also stand in `errors`, with a pointer to the fault. An ellipsis is filled in when it",
    "happens. The shape of refusals: [api-conventions.md](api-conventions.md). Made from the code by",
    "`manage.py error_codes --file docs/errors.md`; a test compares.",
    "",
    "| code | status | how to mend it |",
    "| --- | --- | --- |",
)

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Code:
    """A line of the catalogue."""

    code: str
    status: int
    hint: str


@lru_cache(maxsize=1)
def catalogue() -> tuple[Code, ...]:
    """All codes in their order; a refusal of its own says more than a fault inside a document."""
    trees = [ast.parse(file.read_text()) for file in sorted(ROOT.rglob("*.py")) if "migrations" not in file.parts]
    constants = {name: text for tree in trees for name, text in _constants(tree)}
    found = {code: Code(code, 422, CORRECT_IT) for code in RUN_TIME}
    for tree in trees:
        for each in _faults(tree):
            found.setdefault(each, Code(each, 422, CORRECT_IT))
    for tree in trees:
        for refusal in _refusals(tree, constants):
            found[refusal.code] = refusal
    return tuple(found[code] for code in sorted(found))


def as_markdown() -> str:
    """The catalogue as docs/errors.md holds it."""
    rows = [f"| `{each.code}` | {each.status} | {_cell(each.hint)} |" for each in catalogue()]
    return "\n".join([*_HEAD, *rows, ""])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "/")


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _literal(node.value):
            yield node.targets[0].id, str(_literal(node.value))


def _refusals(tree: ast.Module, constants: dict[str, str]) -> Iterator[Code]:
    """Calls of the errors, and of functions of the module that pass a code of their caller's on to one."""
    makers: dict[str, tuple[int, str]] = {}
    for function in (node for node in ast.walk(tree) if isinstance(node, Function)):
        for call in _calls(function):
            if _name(call) in STATUSES and call.args and isinstance(call.args[0], ast.Name):
                makers[function.name] = (STATUSES[_name(call)], _hint(call, constants))
    for call in _calls(tree):
        status, fallback = makers.get(_name(call), (STATUSES.get(_name(call), 0), ""))
        code = _literal(call.args[0]) if status and call.args else None
        if code:
            yield Code(code, status, _hint(call, constants) or fallback or CORRECT_IT)


def _faults(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _name(node)
            place = 0 if name == "fail" else _FAULTS.get(name, len(node.args))
            given = [*node.args[place : place + 1]]
            if name in (*_FAULTS, "ValidationError"):
                given += [each.value for each in node.keywords if each.arg == "code"]
            yield from filter(None, map(_literal, given))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def _literal(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _hint(call: ast.Call, constants: dict[str, str]) -> str:
    given = next((each.value for each in call.keywords if each.arg == "hint"), None)
    return _text(given, constants).strip() if given else ""


def _text(node: ast.AST, constants: dict[str, str]) -> str:
    """A hint as far as it is known before the request; what is filled in then is an ellipsis."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part, constants) for part in parts)
        case ast.IfExp(body=body):
            return _text(body, constants)
        case ast.BinOp(left=left, right=right):
            return _text(left, constants) + _text(right, constants)
        case ast.Name(id=name):
            return constants.get(name, "")
    return "…"
