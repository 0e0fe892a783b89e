"""One operation from its text to its answer: parsed, validated, measured, executed; each error with code and hint."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    execute,
    get_operation_ast,
    parse,
    validate,
    visit,
)
from graphql.pyutils import Path
from graphql.validation import MaxIntrospectionDepthRule, specified_rules
from graphql_sync_dataloaders import DeferredExecutionContext

from apps.graphql import limits
from apps.graphql.asking import Asker
from apps.graphql.schema import schema
from apps.kernel.errors import DomainError, Invalid, Malformed
from apps.rest.errors import refusal
from apps.rest.faults import hint_for
from apps.rest.parsers import bad_character

READ = "Compare the operation with docs/schema.graphql, or write it in GraphiQL at /graphql."
RULES = [*specified_rules, *({MaxIntrospectionDepthRule} - set(specified_rules))]
MOST_ERRORS = 20


@dataclass(frozen=True)
class Asked:
    """An operation as it came."""

    query: str
    variables: Mapping[str, Any]
    operation: str | None


@dataclass(frozen=True)
class Answer:
    """`body` as GraphQL has it. `status`: 400 where nothing was executed."""

    body: dict[str, Any]
    status: int = 200
    cost: int = 0


def answer(asker: Asker, asked: Asked, *, request_id: str, already: int = 0) -> Answer:
    """Answer one operation. `already`: the cost of those before it in the same request."""
    prepared = _prepared(asked.query)
    if isinstance(prepared, tuple):
        return Answer({"errors": [_shown(error, request_id) for error in prepared]}, 400)
    try:
        measured = _measured(prepared, asked, already)
    except DomainError as error:
        return Answer({"errors": [_shown(GraphQLError(error.detail, original_error=error), request_id)]}, 400)
    result = execute(
        schema.graphql_schema,
        prepared,
        context_value=asker,
        variable_values=dict(asked.variables),
        operation_name=asked.operation,
        execution_context_class=Execution,
    )
    errors = result.errors  # type: ignore[union-attr]
    body: dict[str, Any] = {"data": result.data}  # type: ignore[union-attr]
    if errors:
        body["errors"] = [_shown(error, request_id) for error in errors]
        if result.data is None and not any(error.path for error in errors):  # type: ignore[union-attr]
            return Answer({"errors": body["errors"]}, 400)
    return Answer(body, cost=measured.cost)


@lru_cache(maxsize=128)
def _prepared(query: str) -> DocumentNode | tuple[GraphQLError, ...]:
    """The document, valid; or what is wrong with it. The same text is read once."""
    if len(query) > limits.MAX_CHARACTERS:
        return (_refused(_too_long()),)
    try:
        document = parse(query, max_tokens=limits.MAX_TOKENS)
        visit(document, _Texts())
        errors = validate(schema.graphql_schema, document, RULES, max_errors=MOST_ERRORS)
    except DomainError as error:
        return (_refused(error),)
    except GraphQLError as error:
        return (GraphQLError(error.message, error.nodes, error.source, error.positions, original_error=_syntax(error)),)
    except RecursionError:
        return (_refused(_too_long()),)
    return tuple(errors) or document


def _measured(document: DocumentNode, asked: Asked, already: int) -> limits.Measure:
    operation = get_operation_ast(document, asked.operation)
    if not isinstance(operation, OperationDefinitionNode):
        raise Invalid(
            "graphql_operation_unknown",
            "The document holds several operations, or none of the name that was given.",
            hint="Send operationName with the name of one of them.",
        )
    found = limits.measure(schema.graphql_schema, document, operation, asked.variables)
    limits.check(found, introspection=settings.GRAPHQL_INTROSPECTION, already=already)
    return found


class Execution(DeferredExecutionContext):
    """As the loaders need it, where graphql-core asks at which path to put an error down: the one it happened at."""

    def handle_field_error(self, error: GraphQLError, return_type: Any, path: Path | None = None) -> None:
        for key in () if path is not None else error.path or ():
            path = Path(path, key, None)
        super().handle_field_error(error, return_type, path)


class _Texts(Visitor):
    """Refuses what text cannot hold; in variables the body's parser has done so."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        if bad_character(node.value):
            raise Invalid("invalid_character", "A string holds characters that text cannot.", hint=READ)


def _shown(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """An error as GraphQL has it, with what a problem document says in `extensions`."""
    cause = _cause(error)
    shown: dict[str, Any] = {"message": cause.detail}
    if error.locations:
        shown["locations"] = [{"line": each.line, "column": each.column} for each in error.locations]
    if error.path:
        shown["path"] = error.path
    shown["extensions"] = {
        "code": cause.code, "status": cause.status, "hint": hint_for(cause.code, cause.hint, cause.errors),
        "request_id": request_id,
        "type": f"/docs/errors#{cause.code}",
    }  # fmt: skip
    if cause.errors:
        shown["extensions"]["errors"] = [
            {"pointer": each.pointer, "code": each.code, "detail": each.detail} for each in cause.errors
        ]
    return shown


def _cause(error: GraphQLError) -> DomainError:
    original: Any = error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if isinstance(original, GraphQLError):
        return Invalid("graphql_invalid", original.message[:1000], hint=READ)
    return refusal(original)


def _refused(error: DomainError) -> GraphQLError:
    return GraphQLError(error.detail, original_error=error)


def _syntax(error: GraphQLError) -> DomainError:
    if error.message.endswith("Parsing aborted."):
        return _too_long()
    return Malformed("graphql_syntax", error.message[:1000], hint=READ)


def _too_long() -> Invalid:
    return Invalid(
        "graphql_too_long",
        f"The document has over {limits.MAX_CHARACTERS} characters or {limits.MAX_TOKENS} words, or nests too deep.",
        hint="Ask for less at once, and pass values as variables.",
    )
