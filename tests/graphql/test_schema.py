"""What can be asked, nested, paged and filtered; and that it is what REST shows."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.objects import account_objects
from apps.graphql.schema import schema
from apps.invoices.objects import invoice_objects
from apps.payments.models import Payment
from apps.payments.objects import payment_objects
from apps.plans.objects import plan_objects
from apps.rest.objects import builtins
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription
from tests.graphql.conftest import Ask, Company, nodes

DEEP = """query ($first: Int) {
  accounts(first: $first) {
    totalCount
    edges { node {
      name
      subscriptions(first: 4) { totalCount edges { node {
        status plan { name } account { id } invoices(first: 4) { edges { node { id } } }
      } } }
      invoices(first: 4) { edges { node {
        number
        lines { description amount }
        payments(first: 4) { totalCount edges { node { status amount invoice { number } } } }
        subscription { status }
      } } }
      payments(first: 4) { edges { node { id account { id } } } }
    } }
  }
}"""


def test_the_committed_schema_is_the_one_of_the_code(tmp_path: Path) -> None:
    made = tmp_path / "schema.graphql"
    call_command("graphql_schema", out=str(made))
    assert made.read_text() == (settings.BASE_DIR / "docs" / "schema.graphql").read_text(), (
        "the schema changed: look at the difference, then run\nmanage.py graphql_schema --out docs/schema.graphql"
    )


@pytest.mark.fr("FR-123", "SC-017")
def test_every_field_of_an_object_is_what_rest_shows(ask: Ask, company: Company) -> None:
    payment = Payment.objects.get(account_id=company.accounts[0].pk)
    invoice = company.invoices[0]
    shown = {
        "account": account_objects([company.accounts[0]])[0],
        "plan": plan_objects([company.plan])[0],
        "invoice": invoice_objects([invoice])[0],
        "payment": payment_objects([payment])[0],
    }
    for name, struct in shown.items():
        members = builtins(struct)
        fields = {camel(member): member for member in members}
        leaves = " ".join(field + selection(name.capitalize(), field) for field in fields)
        answer = ask(f"query ($id: ID!) {{ {name}(id: $id) {{ {leaves} }} }}", id=str(struct.id))
        assert "errors" not in answer
        for field, value in answer["data"][name].items():
            assert plain(value) == plain(members[fields[field]]), field


def camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def selection(owner: str, field: str) -> str:
    """The leaves of what is no leaf itself."""
    kind: Any = schema.graphql_schema.type_map[owner].fields[field].type
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    if not hasattr(kind, "fields"):
        return ""
    return "{" + " ".join(name + selection(kind.name, name) for name in kind.fields) + "}"


def plain(value: Any) -> Any:
    """Names of members as REST has them, and words of either case as one."""
    if isinstance(value, dict):
        return {re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower(): plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.lower() if isinstance(value, str) else value


@pytest.mark.fr("FR-123")
def test_nested_reads_ask_the_same_number_of_queries_however_much_there_is(ask: Ask, company: Company) -> None:
    def queries(first: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            answer = ask(DEEP, first=first)
        assert "errors" not in answer, answer
        assert len(nodes(answer["data"]["accounts"])) == first
        return len(asked)

    ask("{ __typename }")  # the key's use is written once a minute
    few = queries(1)
    for account in [make_account(email=f"more-{number}@example.com") for number in range(4)]:
        make_subscription(account=account, plan=company.plan)
    assert queries(6) == few
    assert few <= 45


@pytest.mark.fr("SC-037")
def test_a_dashboard_is_one_question(ask: Ask, company: Company) -> None:
    answer = ask(
        """{
          open: invoices(status: [OPEN], first: 2) { totalCount edges { node { number balance account { name } } } }
          live: subscriptions(status: [ACTIVE, TRIAL]) { totalCount }
          blocked: accounts(overdueStatus: [BLOCKED]) { totalCount }
        }"""
    )
    data = answer["data"]
    assert data["open"]["totalCount"] == 3
    assert [each["account"]["name"] for each in nodes(data["open"])] == ["Ada", "Ada"]
    assert (data["live"]["totalCount"], data["blocked"]["totalCount"]) == (3, 0)


def test_lists_are_paged_newest_first(ask: Ask, company: Company) -> None:
    page = """query ($after: String) { accounts(first: 2, after: $after) {
        pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor node { id } }
    } }"""
    first = ask(page)["data"]["accounts"]
    second = ask(page, after=first["pageInfo"]["endCursor"])["data"]["accounts"]
    ids = [str(account.pk) for account in reversed(company.accounts)]
    assert [node["id"] for node in nodes(first) + nodes(second)] == ids
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    assert (first["pageInfo"]["hasPreviousPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert first["edges"][1]["cursor"] == first["pageInfo"]["endCursor"]


def test_lists_inside_objects_are_paged_for_each(ask: Ask, company: Company) -> None:
    for _ in range(2):
        for account in company.accounts[:2]:
            make_subscription(account=account, plan=make_plan(key=f"plan-{uuid4().hex[:8]}"))
    query = """query ($id: ID!, $after: String) { account(id: $id) {
        subscriptions(first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } }
    } }"""
    account = company.accounts[0]
    first = ask(query, id=str(account.pk))["data"]["account"]["subscriptions"]
    second = ask(query, id=str(account.pk), after=first["pageInfo"]["endCursor"])["data"]["account"]["subscriptions"]
    expected = [str(each.pk) for each in account.subscriptions.order_by("-pk")]
    assert [node["id"] for node in nodes(first) + nodes(second)] == expected
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (
        3,
        True,
        False,
    )


def test_states_narrow_lists_inside_objects(ask: Ask, company: Company) -> None:
    query = """query ($id: ID!) { account(id: $id) {
        paid: invoices(status: [PAID]) { totalCount edges { node { id } } }
        open: invoices(status: [OPEN, PAID]) { totalCount edges { node { id } } }
    } }"""
    account = ask(query, id=str(company.accounts[0].pk))["data"]["account"]
    assert account["paid"] == {"totalCount": 0, "edges": []}
    assert account["open"]["totalCount"] == len(account["open"]["edges"]) == 1


def test_an_invoice_is_found_by_its_number(ask: Ask, company: Company) -> None:
    invoice = company.invoices[0]
    query = "query ($id: ID, $number: String) { invoice(id: $id, number: $number) { id } }"
    assert ask(query, number=invoice.number)["data"]["invoice"] == {"id": str(invoice.pk)}
    assert ask(query, number="INV-0")["data"]["invoice"] is None
    both = ask(query, id=str(invoice.pk), number=invoice.number)
    assert both["errors"][0]["extensions"]["code"] == "id_or_number"


@pytest.mark.parametrize("noun", ["account", "plan", "subscription", "invoice", "payment"])
@pytest.mark.parametrize("id", ["018f0000-0000-7000-8000-000000000000", "", "x", "1", "é" * 300])
def test_what_is_not_there_is_null(ask: Ask, noun: str, id: str) -> None:
    assert ask(f"query ($id: ID!) {{ {noun}(id: $id) {{ id }} }}", id=id) == {"data": {noun: None}}


def test_filters_find_what_they_name(ask: Ask, company: Company) -> None:
    account, subscription = company.accounts[1], company.subscriptions[1]
    answer = ask(
        """query ($account: ID!, $subscription: ID!, $plan: ID!) {
          a: accounts(email: "1@EXAMPLE.com") { edges { node { id } } }
          b: accounts(externalKey: "key-1") { edges { node { id } } }
          c: subscriptions(accountId: $account, planId: $plan) { edges { node { id } } }
          d: invoices(accountId: $account) { edges { node { accountId } } }
          e: invoices(subscriptionId: $subscription) { edges { node { accountId subscription { id } } } }
          f: plans(active: true) { edges { node { id } } }
        }""",
        account=str(account.pk), subscription=str(subscription.pk), plan=str(company.plan.pk),
    )["data"]  # fmt: skip
    assert nodes(answer["a"]) == nodes(answer["b"]) == [{"id": str(account.pk)}]
    assert nodes(answer["c"]) == [{"id": str(subscription.pk)}]
    assert nodes(answer["d"]) == [{"accountId": str(account.pk)}]
    assert nodes(answer["e"]) == [{"accountId": str(account.pk), "subscription": {"id": str(subscription.pk)}}]
    assert nodes(answer["f"]) == [{"id": str(company.plan.pk)}]


def test_counting_is_left_out_where_nobody_asks(ask: Ask, company: Company) -> None:
    with CaptureQueriesContext(connection) as asked:
        ask("{ accounts { edges { node { id subscriptions { edges { node { id } } } } } } }")
    assert not [each for each in asked.captured_queries if "COUNT(" in each["sql"].upper()]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 0", "limit_invalid"),
        ("first: 101", "limit_invalid"),
        ("first: -1", "limit_invalid"),
        ('after: "x"', "cursor_invalid"),
        ('after: ""', "cursor_invalid"),
        ('accountId: "x"', "id_invalid"),
    ],
)
def test_arguments_that_cannot_be_are_refused(ask: Ask, arguments: str, code: str) -> None:
    answer = ask(f"{{ invoices({arguments}) {{ edges {{ node {{ id }} }} }} }}")
    assert answer.get("data") == {"invoices": None}, answer
    assert answer["errors"][0]["extensions"]["code"] == code
    assert answer["errors"][0]["extensions"]["hint"]
