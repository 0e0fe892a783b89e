"""GET /v1/invoices"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.actions import create_api_key
from apps.invoices.actions.settle import record_payment
from apps.kernel import clock
from tests.factories.invoices import ACTOR, AT, draft, invoice, issued, line, payer
from tests.factories.tax import registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def get():
    _, key = create_api_key(
        name="check", role="finance_viewer", livemode=False, rate_limit=0, at=clock.wall(), actor=ACTOR
    )

    def call(path: str = "", **parameters: Any) -> Any:
        return Client(headers={"Authorization": f"Bearer {key}"}).get(f"/v1/invoices{path}", parameters)

    return call


@pytest.mark.fr("FR-048", "FR-101")
def test_one_invoice_whole(get):
    registered("DE")
    subscription = uuid4()
    account = payer(country="DE", currency="EUR", timezone="Europe/Berlin")
    one = issued([draft(account, line(4900, subscription_id=subscription, plan_version=3))])[0]
    record_payment(invoice_id=one.pk, payment_id=uuid4(), amount=831, paid_at=AT, actor=ACTOR)
    answer = get(f"/{one.pk}")
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"v-1"'
    shown = answer.json()
    assert {name: shown[name] for name in ("number", "status", "subtotal", "discount", "tax", "total")} == {
        "number": "INV-2026-000001", "status": "OPEN", "subtotal": 4900, "discount": 0, "tax": 931, "total": 5831,
    }  # fmt: skip
    assert (shown["amount_paid"], shown["credits_applied"], shown["balance"]) == (831, 0, 5000)
    assert (shown["issue_date"], shown["due_date"], shown["url"]) == (
        "2026-04-01",
        "2026-05-01",
        f"/v1/invoices/{one.pk}",
    )
    [row] = shown["lines"]
    assert {name: row[name] for name in row if name != "id"} == {
        "kind": "recurring", "subscription_id": str(subscription), "plan_version": 3,
        "description": "Pro, April 2026", "period_start": "2026-03-31T22:00:00Z", "period_end": "2026-04-30T22:00:00Z",
        "quantity": "1", "unit_amount": "4900", "amount": 4900, "discount_amount": 0, "tax_rate": "19",
        "tax_amount": 931, "breakdown": None,
    }  # fmt: skip
    assert shown["tax_breakdown"] == [
        {"jurisdiction": "DE", "name": "VAT", "rate": "19", "category": "standard", "taxable_amount": 4900,
         "amount": 931, "reason": None},
    ]  # fmt: skip


def test_the_account_in_its_place(get):
    one = invoice()
    assert get(f"/{one.pk}", expand="account").json()["account"]["id"] == str(one.account_id)


def test_unknown(get):
    assert [get(path).status_code for path in (f"/{uuid4()}", "/INV-2026-000001")] == [404, 404]


def test_filters(get):
    subscription, account = uuid4(), payer()
    first = issued([draft(account, line(subscription_id=subscription))])[0]
    later = issued([draft(payer(), line(0))], at=AT + timedelta(days=10))[0]

    def found(**parameters: Any) -> list[str]:
        answer = get(**parameters)
        assert answer.status_code == 200, answer.content
        return [one["number"] for one in answer.json()["data"]]

    assert found() == [later.number, first.number]
    for parameters in (
        {"account_id": account.pk},
        {"subscription_id": subscription},
        {"status": "OPEN"},
        {"number": first.number},
        {"due_before": "2026-05-02"},
        {"created_before": first.created_at.isoformat().replace("+00:00", "Z"), "status": "PAID"},
    ):
        wanted = [] if "created_before" in parameters else [first.number]
        assert found(**parameters) == wanted
    assert found(created_after="2020-01-01T00:00:00Z", status="PAID") == [later.number]


@pytest.mark.parametrize(
    "parameters", [{"status": "LOST"}, {"account_id": "x"}, {"due_before": "soon"}, {"color": "red"}]
)
def test_filters_that_make_no_sense(get, parameters):
    answer = get(**parameters)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"]


def test_a_page_of_a_hundred_takes_as_many_queries_as_one(get):
    account = payer()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            get(limit=100)
        return len(captured)

    issued([draft(account)])
    get()
    few = queries()
    issued([draft(account) for _ in range(60)])
    assert queries() == few
