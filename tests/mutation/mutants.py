"""The mutants of a module: each is its source with one operator, condition or constant changed."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One change: its line, the changed statement with what it lies in, and the whole tree with it."""

    line: int
    statement: str
    tree: ast.Module


def mutants(path: Path) -> Iterator[Mutant]:
    """All of a file, in a fixed order."""
    source = ast.parse(path.read_text())
    for index in range(len(_changes(source))):
        tree = copy.deepcopy(source)
        target, name, new = list(_changes(tree))[index]
        within = _within(tree, target)
        setattr(target, name, new)
        text = next(line for line in ast.unparse(within[-1]).splitlines() if not line.startswith("@"))
        scope = [each.name for each in within[:-1] if isinstance(each, ast.ClassDef | ast.FunctionDef)]
        yield Mutant(within[-1].lineno, f"{'.'.join(scope)}: {text}", ast.fix_missing_locations(tree))


def _within(tree: ast.AST, target: ast.AST) -> list[ast.stmt]:
    """The statements around `target`, the outermost first."""
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    around = [target]
    while around[0] in above:
        around.insert(0, above[around[0]])
    return [each for each in around if isinstance(each, ast.stmt)]


def _changes(tree: ast.AST) -> list[tuple[ast.AST, str, object]]:
    """What may be set to what, without setting it: (node, field, value)."""
    return [change for node in _code(tree) for change in _of(node)]


def _of(node: ast.AST) -> Iterator[tuple[ast.AST, str, object]]:
    match node:
        case ast.Compare():
            for place, kind in enumerate(node.ops):
                ops = [SWAPPED[type(kind)]() if place == other else op for other, op in enumerate(node.ops)]
                yield node, "ops", ops
        case ast.BinOp() | ast.BoolOp() | ast.AugAssign() if type(node.op) in SWAPPED:
            yield node, "op", SWAPPED[type(node.op)]()
        case ast.UnaryOp(op=ast.USub()):
            yield node, "op", ast.UAdd()
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            yield node, "func", ast.Name(CALLS[name], ast.Load())
        case ast.Constant(value=bool() as truth):
            yield node, "value", not truth
        case ast.Constant(value=int() as number):
            yield node, "value", number + 1
        case _:
            pass
    yield from _conditions(node)


def _conditions(node: ast.AST) -> Iterator[tuple[ast.AST, str, object]]:
    """A condition turned round."""
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield node, "test", ast.UnaryOp(ast.Not(), node.test)
    if isinstance(node, ast.comprehension):
        for place in range(len(node.ifs)):
            yield (
                node,
                "ifs",
                [ast.UnaryOp(ast.Not(), test) if place == other else test for other, test in enumerate(node.ifs)],
            )


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """Every node that computes: no annotation, no decorator, no text of a message."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list") or isinstance(node, ast.JoinedStr):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _code(child)
