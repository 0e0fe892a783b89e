"""Questions drawn at random from the schema, right and wrong: an answer or a refusal, never a 500."""

from typing import Any

import pytest
from graphql import get_named_type, is_input_object_type, is_leaf_type, is_list_type
from graphql.type import GraphQLNonNull
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.graphql.schema import schema
from tests.graphql.conftest import Company, asking, key_of

TEXTS = st.sampled_from(
    ["", "x", "0", "-1", "é", "\\u0000", "\\ud800", "%", "'", "018f0000-0000-7000-8000-000000000000"]
)
WRONG = st.sampled_from(
    ["null", "1", "-1", "1e400", "9" * 30, '"x"', "[]", "{}", "true", "$v", "ACTIVE", "[ACTIVE, null]"]
)


@st.composite
def value(draw: Any, kind: Any) -> str:
    if draw(st.integers(0, 7)) == 0:
        return str(draw(WRONG))
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if is_list_type(kind):
        return "[" + " ".join(draw(st.lists(value(kind.of_type), max_size=2))) + "]"
    if is_input_object_type(kind):
        return "{" + " ".join(f"{name}: {draw(value(each.type))}" for name, each in kind.fields.items()) + "}"
    if kind.name == "Int":
        return str(draw(st.integers(-1, 101)))
    if kind.name == "Boolean":
        return str(draw(st.sampled_from(["true", "false"])))
    if hasattr(kind, "values"):
        return str(draw(st.sampled_from(sorted(kind.values))))
    return f'"{draw(TEXTS)}"'


@st.composite
def selected(draw: Any, kind: Any, depth: int) -> str:
    fields = draw(st.lists(st.sampled_from(sorted(kind.fields)), min_size=1, max_size=3, unique=True))
    parts = []
    for name in fields:
        definition = kind.fields[name]
        named = get_named_type(definition.type)
        if not is_leaf_type(named) and depth == 0:
            continue
        given_ = [
            f"{argument}: {draw(value(each.type))}"
            for argument, each in definition.args.items()
            if isinstance(each.type, GraphQLNonNull) or draw(st.booleans())
        ]
        inside = "" if is_leaf_type(named) else " " + draw(selected(named, depth - 1))
        parts.append(name + (f"({', '.join(given_)})" if given_ else "") + inside)
    return "{ " + " ".join(parts or ["__typename"]) + " }"


QUERIES = selected(schema.graphql_schema.query_type, 6)
MUTATIONS = selected(schema.graphql_schema.mutation_type, 2).map(lambda text: f"mutation {text}")


@pytest.mark.django_db
def test_whatever_is_asked_is_answered_or_refused(company: Company) -> None:
    ask: Any = asking(key_of("super_admin"))

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(QUERIES, QUERIES, MUTATIONS))
    def holds(query: str) -> None:
        answer = ask(query)
        assert ask.status in (200, 400, 422), (query, answer)
        for error in answer.get("errors", []):
            extensions = error.get("extensions", error)
            assert extensions["code"] != "internal", (query, answer)
            assert extensions.get("hint", True), (query, answer)

    holds()
