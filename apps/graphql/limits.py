"""How much an operation may ask for: its depth, what it could cost, how often it names a field anew.

Sums over the document alone, before anything is read. The document is valid, so fragments do not go in circles.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
)

from apps.kernel.errors import Invalid
from apps.rest.pagination import DEFAULT_LIMIT, MAX_LIMIT

MAX_CHARACTERS = 20_000
MAX_TOKENS = 4_000
MAX_DEPTH = 15
MAX_COST = 10_000
MAX_ALIASES = 30
MAX_BATCH = 10
SUPPOSED = 5
"""Items of a list that has no pages (the lines of an invoice)."""
COUNTED = 10
"""What a count costs, in objects."""
SUMMED = {"mrr": 1000, "churn": 1000, "accountMrr": 10}
"""What a sum over all that is active costs, and one over what an account has."""


@dataclass
class Measure:
    """What an operation comes to."""

    depth: int = 0
    cost: int = 0
    aliases: int = 0
    introspects: bool = False


@dataclass
class _Walk:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    aliases: int = 0
    known: dict[tuple[str, str], tuple[int, int, int]] = field(default_factory=dict)
    introspects: bool = False


def measure(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> Measure:
    """Depth, cost (objects that could be read) and aliases of an operation."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    walk = _Walk(schema, fragments, variables)
    root = schema.get_root_type(operation.operation)
    depth, cost, aliases = _selected(walk, operation.selection_set, root)
    return Measure(depth, cost, aliases, walk.introspects)


def check(found: Measure, *, introspection: bool, already: int = 0) -> None:
    """Refuse what is too much. `already`: the cost of the operations before it in a batch."""
    if found.introspects and not introspection:
        raise Invalid(
            "graphql_introspection_off",
            "This deployment does not answer questions about its schema.",
            hint="Read docs/schema.graphql, or set GRAPHQL_INTROSPECTION.",
        )
    if found.depth > MAX_DEPTH:
        raise Invalid(
            "graphql_too_deep",
            f"The operation nests deeper than {MAX_DEPTH} fields.",
            hint="Ask in two steps: take ids from the first answer, and ask for the rest by them.",
        )
    if found.aliases > MAX_ALIASES:
        raise Invalid(
            "graphql_too_many_aliases",
            f"The operation names more than {MAX_ALIASES} fields anew.",
            hint="Ask for lists instead of one object after another.",
        )
    if already + found.cost > MAX_COST:
        raise Invalid(
            "graphql_too_costly",
            f"The operation could read {already + found.cost} objects; {MAX_COST} is the most.",
            hint="Ask for smaller pages by `first`, for fewer lists inside lists, and page by `after`.",
        )


def _selected(walk: _Walk, selections: SelectionSetNode | None, parent: Any) -> tuple[int, int, int]:
    """(depth, cost, aliases) of what is selected of one object."""
    depth = cost = aliases = 0
    for each in selections.selections if selections else ():
        if isinstance(each, FieldNode):
            deeper, more, named = _field(walk, each, parent)
        elif isinstance(each, InlineFragmentNode):
            deeper, more, named = _selected(walk, each.selection_set, parent)
        elif isinstance(each, FragmentSpreadNode):
            deeper, more, named = _fragment(walk, each.name.value, parent)
        depth, cost, aliases = max(depth, deeper), cost + more, aliases + named
    return depth, cost, aliases


def _fragment(walk: _Walk, name: str, parent: Any) -> tuple[int, int, int]:
    key = (name, getattr(parent, "name", ""))
    if key not in walk.known:
        walk.known[key] = _selected(walk, walk.fragments[name].selection_set, parent)
    return walk.known[key]


def _field(walk: _Walk, node: FieldNode, parent: Any) -> tuple[int, int, int]:
    name = node.name.value
    aliases = int(node.alias is not None)
    if name in ("__schema", "__type"):
        walk.introspects = True
        return 1, 0, aliases  # its depth is a rule of validation
    definition = parent.fields.get(name) if isinstance(parent, GraphQLObjectType) else None
    if definition is None:  # __typename
        return 1, 0, aliases
    kind = get_named_type(definition.type)
    depth, cost, named = _selected(walk, node.selection_set, kind)
    if node.selection_set is None:
        cost = COUNTED if name == "totalCount" else 0
    elif name in SUMMED:
        cost += SUMMED[name]
    elif "first" in definition.args:
        cost = 1 + _first(node, walk.variables) * cost
    elif name == "node":
        cost += 1
    elif _is_list(definition.type) and name != "edges":
        cost = SUPPOSED * (1 + cost)
    elif name not in ("edges", "pageInfo"):
        cost += 1
    return depth + 1, cost, aliases + named


def _first(node: FieldNode, variables: Mapping[str, Any]) -> int:
    """Objects a page, as asked; what cannot be taken is refused later, and counts as the most."""
    given: Any = DEFAULT_LIMIT
    for argument in node.arguments:
        if argument.name.value == "first":
            if isinstance(argument.value, IntValueNode):
                given = int(argument.value.value) if len(argument.value.value) < 10 else MAX_LIMIT
            elif isinstance(argument.value, VariableNode):
                given = variables.get(argument.value.name.value, MAX_LIMIT)
    return given if type(given) is int and 1 <= given <= MAX_LIMIT else MAX_LIMIT


def _is_list(kind: Any) -> bool:
    return is_list_type(kind.of_type if isinstance(kind, GraphQLNonNull) else kind)
