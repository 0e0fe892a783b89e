"""/graphql over HTTP: who comes in, what is no request, how much may be asked, and what every error carries."""

import json
import random
from typing import Any

import pytest
from django.test import Client
from graphql import get_introspection_query, parse

from apps.access.actions import revoke_api_key
from apps.access.models import ApiKey
from apps.graphql import limits
from apps.graphql.limits import MAX_ALIASES, MAX_BATCH, measure
from apps.graphql.schema import schema
from apps.kernel import clock
from apps.kernel.actors import system
from tests.graphql.conftest import Ask, Company, asking, key_of, nodes

TYPENAME = "{ __typename }"
ROUND = "account { invoices(first: 1) { edges { node { "
DEEP = "{ invoices(first: 1) { edges { node { " + ROUND * 3 + "id" + " }" * 4 * 4


def post(key: str, body: Any, **headers: str) -> Any:
    named = {"Authorization": f"Bearer {key}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = ".".join(["10", *(str(random.randint(0, 255)) for _ in range(3))])
    return Client(REMOTE_ADDR=address).generic("POST", "/graphql", text, content_type="application/json", headers=named)


@pytest.fixture
def key(db: None) -> str:
    return key_of("super_admin")


def code(answer: Any) -> str:
    return str(answer["errors"][0]["extensions"]["code"])


@pytest.mark.fr("FR-125")
def test_nobody_is_refused_as_over_rest(db: None) -> None:
    for header in ("", "Bearer nonsense", "Basic x"):
        answer = post("", {"query": TYPENAME}, Authorization=header)
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert answer.json()["hint"]


def test_a_revoked_key_is_refused(key: str) -> None:
    assert post(key, {"query": TYPENAME}).status_code == 200
    revoke_api_key(ApiKey.objects.get().pk, at=clock.wall(), actor=system("test"))
    assert post(key, {"query": TYPENAME}).json()["code"] == "api_key_revoked"


@pytest.mark.fr("FR-126")
def test_requests_are_counted_as_over_rest(key: str) -> None:
    ApiKey.objects.update(rate_limit=1000)
    assert int(post(key, {"query": TYPENAME})["X-RateLimit-Remaining"]) == 999
    assert int(post(key, {"query": TYPENAME})["X-RateLimit-Remaining"]) == 998


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"{", 400, "malformed_json"),
        (b"\xff", 400, "malformed_json"),
        ({}, 422, "validation_failed"),
        ("text", 422, "validation_failed"),
        ({"query": 1}, 422, "validation_failed"),
        ({"query": TYPENAME, "variables": []}, 422, "validation_failed"),
        ({"query": TYPENAME, "operationName": 1}, 422, "validation_failed"),
        ({"query": TYPENAME, "extra": 1}, 422, "validation_failed"),
        ([], 422, "graphql_batch_size"),
        ([1], 422, "validation_failed"),
        ([{"query": TYPENAME}] * (MAX_BATCH + 1), 422, "graphql_batch_size"),
        ({"query": "{" + " " * 300_000 + "}"}, 413, "body_too_large"),
        ({"query": '{ accounts(email: "4242424242424242") { totalCount } }'}, 422, "card_data_refused"),
        ({"query": TYPENAME, "variables": {"a": "\0"}}, 422, "invalid_character"),
    ],
)
def test_what_is_no_request_is_a_problem_document(key: str, body: Any, status: int, expected: str) -> None:
    answer = post(key, body)
    assert (answer.status_code, answer.json()["code"]) == (status, expected)
    assert answer.json()["hint"]


@pytest.mark.fr("SC-016")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "graphql_syntax"),
        ("{", "graphql_syntax"),
        ("{ nothing }", "graphql_invalid"),
        ("{ account { id } }", "graphql_invalid"),
        ("{ accounts { edges } }", "graphql_invalid"),
        ("query A { __typename } query B { __typename }", "graphql_operation_unknown"),
        ("query ($first: Int!) { accounts(first: $first) { totalCount } }", "graphql_invalid"),
        ('{ accounts(email: "\\u0000") { totalCount } }', "invalid_character"),
        ("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", "graphql_invalid"),
        ("subscription { a }", "graphql_invalid"),
        ("{" + " ".join(f"a{n}: __typename" for n in range(MAX_ALIASES + 1)) + "}", "graphql_too_many_aliases"),
        ("{ accounts(first: 100) { edges { node { invoices(first: 100) { edges { node { id } } } } } } }",
         "graphql_too_costly"),
        (DEEP, "graphql_too_deep"),
        ("{" + "a{" * 3000 + "}" * 3001, "graphql_too_long"),
        ("{" + " a" * 5000 + "}", "graphql_too_long"),
        ("{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
         "graphql_invalid"),
    ],
)  # fmt: skip
def test_what_is_not_executed_is_400_and_says_why(key: str, query: str, expected: str) -> None:
    answer = post(key, {"query": query})
    assert (answer.status_code, code(answer.json())) == (400, expected), answer.json()
    extensions = answer.json()["errors"][0]["extensions"]
    assert extensions["hint"]
    assert extensions["request_id"] == answer["X-Request-ID"]
    assert extensions["type"] == f"/docs/errors#{expected}"


def test_pages_are_counted_by_their_variables(key: str) -> None:
    query = """query ($n: Int) { accounts(first: $n) { edges { node {
        invoices(first: $n) { edges { node { id } } }
    } } } }"""
    assert "errors" not in post(key, {"query": query, "variables": {"n": 50}}).json()
    for most in (100, None, "x", -1):
        assert code(post(key, {"query": query, "variables": {"n": most}}).json()) in (
            "graphql_too_costly", "graphql_invalid",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ __typename }", 0),
        ('{ account(id: "x") { id } }', 1),
        ("{ accounts(first: 7) { edges { node { id } } } }", 1 + 7),
        ("{ accounts(first: 7) { totalCount edges { node { id } } } }", 1 + 7 * (10 + 1)),
        ("{ invoices(first: 2) { edges { node { lines { id } } } } }", 1 + 2 * (1 + limits.SUPPOSED)),
        ("{ accounts(first: 2) { edges { node { invoices(first: 3) { edges { node { account { id } } } } } } } }",
         1 + 2 * (1 + 1 + 3 * 2)),
        ("{ a: accounts(first: 2) { ...e } b: accounts(first: 2) { ...e } }"
         " fragment e on AccountConnection { edges { node { id } } }", 6),
    ],
)  # fmt: skip
def test_the_cost_is_what_could_be_read(query: str, cost: int) -> None:
    document = parse(query)
    assert measure(schema.graphql_schema, document, document.definitions[0], {}).cost == cost  # type: ignore[arg-type]


def test_a_batch_is_answered_in_order_and_costs_together(key: str) -> None:
    dear = "{ accounts(first: 100) { edges { node { invoices(first: 90) { edges { node { id } } } } } } }"
    answer = post(key, [{"query": TYPENAME}, {"query": dear}, {"query": dear}])
    assert answer.status_code == 200
    small, first, second = answer.json()
    assert small == {"data": {"__typename": "Query"}}
    assert first == {"data": {"accounts": {"edges": []}}}
    assert code(second) == "graphql_too_costly"


def test_questions_about_the_schema_can_be_switched_off(key: str, settings: Any) -> None:
    query = {"query": "{ __schema { queryType { name } } __typename }"}
    assert post(key, query).json()["data"]["__schema"]["queryType"]["name"] == "Query"
    settings.GRAPHQL_INTROSPECTION = False
    answer = post(key, query)
    assert (answer.status_code, code(answer.json())) == (400, "graphql_introspection_off")
    assert post(key, {"query": TYPENAME}).status_code == 200


def test_what_graphiql_asks_first_is_answered(key: str) -> None:
    query = get_introspection_query()
    types = post(key, {"query": query, "operationName": "IntrospectionQuery"}).json()["data"]["__schema"]["types"]
    assert {"Account", "Invoice", "Line"} <= {each["name"] for each in types}


def test_only_post_and_the_page(client: Client) -> None:
    page = client.get("/graphql")
    assert page.status_code == 200
    assert "GraphiQL" in page.content.decode()
    assert "http" not in page.content.decode().replace("https://", "http").split("data-query")[0].replace(
        "<!DOCTYPE html>", ""
    )
    for method in ("put", "patch", "delete", "options"):
        assert getattr(client, method)("/graphql").status_code in (401, 405)


def test_the_same_request_by_its_key_is_answered_from_store(key: str, company: Company) -> None:
    first = post(key, {"query": "{ accounts { totalCount } }"}, Idempotency_Key="once")
    again = post(key, {"query": "{ accounts { totalCount } }"}, Idempotency_Key="once")
    assert again["Idempotent-Replayed"] == "true"
    assert again.content == first.content


def test_an_error_in_one_part_leaves_the_others(ask: Ask, company: Company) -> None:
    answer = ask('{ a: accounts { edges { node { id } } } b: accounts(after: "x") { totalCount } }')
    assert len(nodes(answer["data"]["a"])) == 3
    assert answer["data"]["b"] is None
    assert answer["errors"][0]["path"] == ["b"]


def test_two_callers_see_each_their_own_rights(company: Company) -> None:
    query = "{ plans { totalCount } }"
    for role in ("super_admin", "finance_viewer"):
        assert asking(key_of(role))(query)["data"]["plans"]["totalCount"] == 1
