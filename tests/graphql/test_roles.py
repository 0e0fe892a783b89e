"""Every field of the schema with every role: what the role table refuses is refused here, and nothing else."""

from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from apps.access.rules import Role, may
from apps.graphql.schema import schema
from tests.graphql.conftest import Company, asking, key_of

RESOURCE = {
    "Account": "accounts", "Plan": "plans", "Subscription": "subscriptions", "Invoice": "invoices",
    "Payment": "payments",
}  # fmt: skip


def shown(kind: Any) -> str | None:
    """The resource that a field of this type shows."""
    return RESOURCE.get(kind.name.removesuffix("Connection"))


def selection(kind: Any) -> str:
    """Something of it, whatever it is."""
    if is_leaf_type(kind):
        return ""
    if kind.name.endswith("Connection"):
        return "{ totalCount edges { node { id } } }"
    return "{ __typename }"


def relations() -> list[tuple[str, str, str | None]]:
    """(type, field, resource) of every field of every object that is shown."""
    found = []
    for name, kind in sorted(schema.graphql_schema.type_map.items()):
        if isinstance(kind, GraphQLObjectType) and name in RESOURCE:
            found += [(name, field, shown(get_named_type(each.type))) for field, each in kind.fields.items()]
    return found


@pytest.fixture
def ids(company: Company) -> dict[str, str]:
    account = company.accounts[0]
    invoice = account.invoices.get()
    return {
        "Account": str(account.pk), "Plan": str(company.plan.pk), "Subscription": str(company.subscriptions[0].pk),
        "Invoice": str(invoice.pk), "Payment": str(invoice.payments.get().pk),
    }  # fmt: skip


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("role", list(Role))
def test_each_field_with_each_role(role: Role, ids: dict[str, str]) -> None:
    ask = asking(key_of(role))
    assert len(relations()) > 100
    for name, id in ids.items():
        fields = [(field, resource) for owner, field, resource in relations() if owner == name]
        kind = schema.graphql_schema.type_map[name]
        asked = " ".join(f"{field} {selection(get_named_type(kind.fields[field].type))}" for field, _ in fields)  # type: ignore[attr-defined]
        answer = ask(f"query ($id: ID!) {{ {name.lower()}(id: $id) {{ {asked} }} }}", id=id)
        if not may(role, RESOURCE[name], "read"):
            assert answer["errors"][0]["extensions"]["code"] == "forbidden"
            continue
        refused = {error["path"][-1] for error in answer.get("errors", [])}
        assert refused == {field for field, resource in fields if resource and not may(role, resource, "read")}


@pytest.mark.fr("FR-139")
def test_a_role_that_may_not_read_sees_null_and_why(ids: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """All four roles read all of these; so one is invented that does not."""
    monkeypatch.setattr("apps.access.principals.rules.may", lambda role, resource, right: resource != "invoices")
    ask = asking(key_of("finance_viewer"))
    answer = ask(
        "query ($id: ID!) { account(id: $id) { name invoices { totalCount } payments { totalCount } } }",
        id=ids["Account"],
    )
    assert answer["data"]["account"]["invoices"] is None
    assert answer["data"]["account"]["payments"] == {"totalCount": 1}
    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["account", "invoices"], "forbidden")
    single = ask("query ($id: ID!) { invoice(id: $id) { id } invoices { totalCount } }", id=ids["Invoice"])
    assert single["data"] == {"invoice": None, "invoices": None}
    assert len(single["errors"]) == 2
