"""Every code that a refusal may carry, its status and hint, read from the source that raises it."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from apps.kernel import errors
from apps.rest.faults import GENERIC, hint_of

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
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_FILLED_IN = re.compile(r"\{\w*\}")

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
Texts: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Code:
    """A line of the catalogue."""

    code: str
    status: int
    hint: str


@dataclass(frozen=True)
class _Maker:
    """A function that refuses by the code of its caller's: the places of code and hint among its arguments."""

    status: int
    code: int
    hint: int | None
    fallback: str


@lru_cache(maxsize=1)
def catalogue() -> tuple[Code, ...]:
    """All codes in their order; a refusal of its own says more than a fault inside a document."""
    trees = [ast.parse(file.read_text()) for file in sorted(ROOT.rglob("*.py")) if "migrations" not in file.parts]
    constants = {name: text for tree in trees for name, text in _constants(tree)}
    found = {code: Code(code, 422, hint_of(code)) for code in RUN_TIME}
    for tree in trees:
        for each in _faults(tree):
            found.setdefault(each, Code(each, 422, hint_of(each)))
    makers = [_makers(tree, constants) for tree in trees]
    shared = {name: maker for own in makers for name, maker in own.items() if not name.startswith("_")}
    for tree, own in zip(trees, makers, strict=True):
        for refusal in _refusals(tree, constants, {**shared, **own}):
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


def _makers(tree: ast.Module, constants: Texts) -> dict[str, _Maker]:
    """Functions of the module that pass a code of their caller's on to an error."""
    found: dict[str, _Maker] = {}
    for function, call in _scoped(tree):
        if function is None or _name(call) not in STATUSES or not call.args or not isinstance(call.args[0], ast.Name):
            continue
        takes = [each.arg for each in function.args.args if each.arg != "self"]
        if call.args[0].id in takes:
            given = _keyword(call, "hint")
            hint = takes.index(given.id) if isinstance(given, ast.Name) and given.id in takes else None
            fallback = "" if given is None or hint is not None else _text(given, _known(function, call, constants))
            found[function.name] = _Maker(STATUSES[_name(call)], takes.index(call.args[0].id), hint, fallback)
    return found


def _refusals(tree: ast.Module, constants: Texts, makers: Mapping[str, _Maker]) -> Iterator[Code]:
    """Calls of the errors, and of functions that make them."""
    for function, call in _scoped(tree):
        maker = makers.get(_name(call)) or _Maker(STATUSES.get(_name(call), 0), 0, None, "")
        code = _literal(call.args[maker.code]) if maker.status and len(call.args) > maker.code else None
        if code and _CODE.fullmatch(code):
            given = _keyword(call, "hint")
            if given is None and maker.hint is not None and len(call.args) > maker.hint:
                given = call.args[maker.hint]
            said = _text(given, _known(function, call, constants)).strip() if given else ""
            yield Code(code, maker.status, said if said not in GENERIC else maker.fallback or hint_of(code))


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


def _scoped(tree: ast.Module) -> Iterator[tuple[Function | None, ast.Call]]:
    """All calls in their order, each with the innermost function around it."""
    waiting: list[tuple[Function | None, ast.AST]] = [(None, tree)]
    while waiting:
        function, node = waiting.pop()
        if isinstance(node, ast.Call):
            yield function, node
        inside = node if isinstance(node, Function) else function
        waiting += [(inside, child) for child in reversed(list(ast.iter_child_nodes(node)))]


def _known(function: Function | None, call: ast.Call, constants: Texts) -> Texts:
    """The constants, and what the function has named by the time of the call."""
    named = [
        (node.lineno, node.targets[0].id, node.value)
        for node in (ast.walk(function) if function else ())
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.lineno < call.lineno
    ]
    return {**constants, **{name: _text(value, constants) for _, name, value in sorted(named, key=lambda it: it[0])}}


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def _text(node: ast.AST, constants: Texts) -> str:
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
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="format")):
            return _FILLED_IN.sub("…", constants.get(name, "…"))
    return "…"
