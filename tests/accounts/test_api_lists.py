"""Lists of accounts: filters, pages, their cost, and two creates at once."""

from threading import Barrier, Thread
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connections

from apps.accounts.models import Account
from apps.events.models import Event
from tests.accounts.calls import Api, faults
from tests.factories.accounts import make_account
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method


def found(api: Api, query: str) -> list[str]:
    answer = api.get(f"/accounts?{query}")
    assert answer.status_code == 200, answer.content
    return [one["name"] for one in answer.json()["data"]]


@pytest.mark.fr("FR-005", "FR-001")
@pytest.mark.django_db
def test_look_up_by_email_key_and_id(api: Api) -> None:
    one = make_account(name="one", email="Ada@Example.com", external_key="a+b & c")
    make_account(name="two", email="ada@example.com", external_key="a", currency="EUR")
    make_account(name="three", email="eve@example.com")
    assert found(api, "email=ada@example.COM") == ["two", "one"]
    assert found(api, f"external_key={quote('a+b & c', safe='')}") == ["one"]
    assert found(api, f"id={one.pk}") == ["one"]
    assert found(api, "currency=EUR&email=ada@example.com") == ["two"]
    assert found(api, "external_key=A") == found(api, "email=ada") == []
    assert found(api, "overdue_status=CURRENT") == ["three", "two", "one"]


@pytest.mark.fr("FR-008")
@pytest.mark.django_db
def test_filters_by_metadata(api: Api) -> None:
    make_account(name="gold", metadata={"tier": "gold", "seats": 3, "vip": True, "a[b]": "x"})
    make_account(name="iron", metadata={"tier": "iron", "seats": "3"})
    assert found(api, "metadata[tier]=gold") == ["gold"]
    assert found(api, "metadata[seats]=3") == ["iron", "gold"]
    assert found(api, "metadata[vip]=true&metadata[tier]=gold") == ["gold"]
    assert found(api, "metadata[a[b]]=x") == ["gold"]
    assert found(api, "metadata[tier]=") == found(api, "metadata[none]=gold") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("emial=x", "?emial", "unknown_parameter"),
        ("id=1", "?id", "invalid"),
        ("overdue_status=LATE", "?overdue_status", "invalid_choice"),
        ("limit=101", "?limit", "limit_invalid"),
        ("email=a&email=b", "?email", "repeated_parameter"),
        ("email=%00", "?", "invalid_character"),
    ],
)
def test_parameters_that_cannot_be_taken(api: Api, query: str, pointer: str, code: str) -> None:
    answer = api.get(f"/accounts?{query}")
    assert answer.status_code == 422
    assert faults(answer) == {(pointer, code)}


@pytest.mark.django_db
def test_pages_hold_while_accounts_are_added(api: Api) -> None:
    for number in range(5):
        make_account(name=str(number))
    names, query = [], "limit=2"
    while True:
        page = api.get(f"/accounts?{query}").json()
        names += [one["name"] for one in page["data"]]
        assert page["has_more"] == (page["next_cursor"] is not None)
        if not page["has_more"]:
            break
        make_account(name="new")
        query = f"limit=2&cursor={page['next_cursor']}"
    assert names == ["4", "3", "2", "1", "0"]
    assert api.get("/accounts?cursor=x").json()["code"] == "cursor_invalid"


@pytest.mark.django_db
def test_the_cost_of_requests(api: Api, django_assert_num_queries: Any) -> None:
    accounts = [make_account(external_key=str(number)) for number in range(30)]
    api.get("/accounts")
    # the key; then the page and what payments and credits contribute, whatever the number of rows
    with django_assert_num_queries(4):
        api.get("/accounts?limit=1")
    with django_assert_num_queries(4):
        assert len(api.get("/accounts?limit=30").json()["data"]) == 30
    with django_assert_num_queries(4):
        api.get(f"/accounts/{accounts[0].pk}")
    # the key, the guard's savepoint, the action, the answer (contributed too)
    with django_assert_num_queries(1 + 2 + 8 + 2):
        api.post("/accounts", {"email": "a@b.de", "name": "A", "external_key": "k"})
    with django_assert_num_queries(1 + 2 + 1 + 11 + 2):
        api.patch(f"/accounts/{accounts[0].pk}", {"name": "Eve"})


@pytest.mark.fr("FR-001")
def test_identical_creates_at_once_make_one_account(committed_db: str) -> None:
    api, callers = Api(), 6
    body = {"email": "ada@example.com", "name": "Ada", "external_key": "crm-1"}
    together, answers = Barrier(callers), []

    def call() -> None:
        together.wait(10)
        try:
            answers.append(api.post("/accounts", body))
        finally:
            connections.close_all()

    threads = [Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (callers - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"external_key_taken"}
    assert Account.objects.count() == Event.objects.count() == 1


@pytest.mark.django_db
def test_related_objects_in_one_call(api: Api) -> None:
    account = payer()
    path = f"/accounts/{account.pk}?expand=default_payment_method,latest_invoice"
    bare = api.get(path).json()
    assert (bare["default_payment_method"], bare["latest_invoice"]) == (None, None)
    method = known_method(account)
    invoice(4900, account=account)
    newest = invoice(1200, account=account)
    shown = api.get(path).json()
    assert shown["default_payment_method"]["id"] == shown["default_payment_method_id"] == str(method.pk)
    assert shown["latest_invoice"] == api.get(f"/invoices/{newest.pk}").json()
    assert faults(api.get(f"/accounts/{account.pk}?expand=secrets")) == {("?expand", "expand_unknown")}
