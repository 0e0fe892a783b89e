"""/v1/credits: what is answered, what is refused and how."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.credits.models import Grant
from apps.kernel import clock
from tests.accounts.calls import Api, faults
from tests.factories.credits import credit
from tests.factories.invoices import invoice, payer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _static_files(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path


def body(account, **fields):
    return {"account_id": str(account.pk), "amount": 1500, "currency": "USD", "reason": "Outage", **fields}


@pytest.mark.fr("FR-092", "FR-093")
def test_given_used_and_shown():
    api, account = Api("support_rep"), payer()
    answer = api.post("/credits", body(account, metadata={"ticket": "7"}))
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert {name: shown[name] for name in ("amount", "remaining", "currency", "reason", "source", "expires_at")} == {
        "amount": 1500, "remaining": 1500, "currency": "USD", "reason": "Outage", "source": "goodwill",
        "expires_at": None,
    }  # fmt: skip
    assert api.get(f"/accounts/{account.pk}").json()["credit_balance"] == 1500
    one = invoice(1000, account=account)
    assert (one.status, api.get(f"/credits/{shown['id']}").json()["remaining"]) == ("PAID", 500)
    assert [each["id"] for each in api.get(f"/credits?account_id={account.pk}&source=goodwill").json()["data"]] == [
        shown["id"]
    ]
    assert [each["remaining"] for each in api.get(f"/accounts/{account.pk}/credits").json()["data"]] == [500]
    assert api.post(f"/credits/{shown['id']}/void").json()["remaining"] == 0
    again = api.post(f"/credits/{shown['id']}/void")
    assert (again.status_code, again.json()["code"]) == (409, "credit_spent")


def test_who_may():
    account, one = payer(), credit(payer())
    for role, status in (("super_admin", 201), ("billing_admin", 201), ("support_rep", 201), ("finance_viewer", 403)):
        api = Api(role)
        assert api.post("/credits", body(account)).status_code == status, role
        assert api.get(f"/credits/{one.pk}").status_code == 200
    assert Api("finance_viewer").post(f"/credits/{one.pk}/void").status_code == 403
    assert Api(None).get("/credits").status_code == 401


def test_the_same_key_gives_one_credit():
    api, account = Api(), payer()
    answers = [api.post("/credits", body(account), Idempotency_Key="sorry-1") for _ in "ab"]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Grant.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"amount": 0}, "/amount"),
        ({"amount": "5"}, "/amount"),
        ({"amount": 1.5}, "/amount"),
        ({"amount": 10**15 + 1}, "/amount"),
        ({"currency": "EUR"}, "/currency"),
        ({"currency": "XXX"}, "/currency"),
        ({"reason": ""}, "/reason"),
        ({"reason": "a\x00b"}, "/reason"),
        ({"account_id": str(uuid4())}, "/account_id"),
        ({"account_id": 5}, "/account_id"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "soon"}, "/expires_at"),
        ({"metadata": []}, "/metadata"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_malformed(fields, pointer):
    answer = Api().post("/credits", body(payer(), **fields))
    assert answer.status_code == 422
    assert pointer in {where for where, _ in faults(answer)}
    assert answer.json()["hint"]
    assert not Grant.objects.exists()


def test_unknown_ones():
    api = Api()
    assert api.get(f"/credits/{uuid4()}").status_code == 404
    assert api.post(f"/credits/{uuid4()}/void").status_code == 404
    assert api.get(f"/accounts/{uuid4()}/credits").status_code == 404
    assert api.get("/credits?source=gift").status_code == 422


def test_a_page_costs_as_much_as_one():
    api, account = Api(), payer()
    later = clock.wall() + timedelta(days=30)
    for _ in range(2):
        credit(account, 100, expires_at=later)
    api.get("/credits")

    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert api.get("/credits").status_code == 200
        return len(captured)

    few = cost()
    for _ in range(20):
        credit(account, 100)
    assert cost() == few
