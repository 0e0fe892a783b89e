"""One-off invoices and pending items as callers see them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.invoices.models import Invoice, Line, PendingItem
from apps.kernel import clock
from apps.kernel.money import MAX_AMOUNT
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.renew import renew
from tests.accounts.calls import Api, faults
from tests.factories.accounts import make_account
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.tax import registered

pytestmark = pytest.mark.django_db
LINE: dict[str, Any] = {"description": "Workshop", "quantity": "0.5", "unit_amount": "180000"}


@pytest.fixture
def api(db: None) -> Api:
    return Api()


def sale(account: Any, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"account_id": str(account.pk), "lines": list(lines) or [LINE], **more}


@pytest.mark.fr("B-09", "FR-044", "FR-048", "B-02")
def test_at_once_as_it_was_previewed(api: Api) -> None:
    registered("DE")
    account = make_account(country="DE", currency="EUR", at=clock.wall(), net_terms_days=14)
    body = sale(account, LINE, {"description": "Less 10 %", "unit_amount": "-9000"}, metadata={"order": "7"})
    shown = api.post("/invoices", {**body, "preview": True}).json()
    assert (shown["invoice"]["total"], shown["invoice"]["number"], Invoice.objects.count()) == (96390, None, 0)
    made = api.post("/invoices", body, If_Match=f'"{shown["hash"]}"')
    invoice = made.json()
    assert (made.status_code, invoice["kind"], invoice["status"], invoice["total"]) == (201, "one_off", "OPEN", 96390)
    assert [(line["kind"], line["amount"], line["quantity"], line["unit_amount"]) for line in invoice["lines"]] == [
        ("one_off", 90000, "0.5", "180000"), ("one_off", -9000, "1", "-9000"),
    ]  # fmt: skip
    due = (clock.wall() + timedelta(days=14)).date()
    assert abs((due - type(due).fromisoformat(invoice["due_date"])).days) <= 1
    dearer = {**body, "lines": [{**LINE, "quantity": "2"}]}
    refused = api.post("/invoices", dearer, If_Match=f'"{shown["hash"]}"')
    assert (refused.status_code, refused.json()["code"], Invoice.objects.count()) == (412, "preview_changed", 1)
    assert broken() == []


@pytest.mark.fr("SC-008")
@pytest.mark.parametrize(
    ("currency", "quantity", "price", "amount"),
    [
        ("JPY", "3", "333.5", 1001), ("KWD", "0.001", "1500", 2), ("USD", "2.5", "0.2", 1), ("USD", "0", "5", 0),
        ("USD", "1", str(MAX_AMOUNT), MAX_AMOUNT),
    ],
)  # fmt: skip
def test_a_line_is_rounded_once(api: Api, currency: str, quantity: str, price: str, amount: int) -> None:
    account = make_account(currency=currency)
    made = api.post("/invoices", sale(account, {"description": "x", "quantity": quantity, "unit_amount": price})).json()
    assert (made["subtotal"], made["status"]) == (amount, "OPEN" if amount else "PAID")


def test_faults(api: Api) -> None:
    account = make_account()
    for body, expected in (
        (sale(account, {**LINE, "quantity": "-1"}), ("/lines/0/quantity", "too_small")),
        (sale(account, {**LINE, "unit_amount": "x"}), ("/lines/0/unit_amount", "invalid")),
        (sale(account, {**LINE, "period_start": "2026-01-01"}), ("/lines/0/period_end", "period_invalid")),
        (sale(account, {**LINE, "colour": "red"}), ("/lines/0/colour", "unknown_field")),
        ({"account_id": str(uuid4()), "lines": [LINE]}, ("/account_id", "account_unknown")),
    ):  # fmt: skip
        answer = api.post("/invoices", body)
        assert answer.status_code == 422
        assert expected in faults(answer), answer.json()
    for lines, code in (([{**LINE, "unit_amount": "-1"}], "total_negative"), (
        [{**LINE, "quantity": "10", "unit_amount": str(MAX_AMOUNT)}], "amount_too_large")):  # fmt: skip
        refused = api.post("/invoices", sale(account, *lines))
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert api.post("/invoices", sale(account, *[LINE] * 1001)).status_code == 422
    assert api.post("/invoices", {"account_id": str(account.pk), "lines": []}).status_code == 422
    assert Api("finance_viewer").post("/invoices", sale(account)).status_code == 403
    assert Api(None).post("/pending-items", {}).status_code == 401
    assert not Invoice.objects.exists()


@pytest.mark.fr("B-09")
def test_a_line_that_waits_is_on_the_next_renewal(api: Api) -> None:
    account = make_account(at=clock.wall())
    made = make_subscription(account=account, at=clock.wall() - timedelta(days=40))
    item = api.post("/pending-items", {"account_id": str(account.pk), "description": "Express", "unit_amount": "1900"})
    shown = item.json()
    assert (item.status_code, shown["amount"], shown["invoice_id"]) == (201, 1900, None)
    removed = api.post(
        "/pending-items", {"account_id": str(account.pk), "description": "No", "unit_amount": "5"}
    ).json()
    assert api("delete", f"/pending-items/{removed['id']}").status_code == 204
    again = api("delete", f"/pending-items/{removed['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "pending_item_billed")
    assert [each["id"] for each in api.get("/pending-items?waiting=true").json()["data"]] == [shown["id"]]
    assert made.next_billing_at is not None
    renew([made.pk], at=clock.wall(), actor=ACTOR)
    line = Line.objects.get(pk=shown["id"])
    assert (line.kind, line.amount, line.invoice.total) == ("one_off", 1900, 6800)
    assert api.get(f"/pending-items/{shown['id']}").json()["invoice_id"] == str(line.invoice_id)
    assert api("delete", f"/pending-items/{shown['id']}").status_code == 409
    assert api("delete", f"/pending-items/{uuid4()}").status_code == 404
    assert broken() == []


def test_what_waits_is_final_but_for_its_fate(api: Api) -> None:
    account = make_account()
    api.post("/pending-items", {"account_id": str(account.pk), "description": "Express", "unit_amount": "1900"})
    item = PendingItem.objects.get()
    assert (item.draft_line().amount, str(item)) == (1900, "Express")


def test_query_budgets(api: Api) -> None:
    account = make_account()

    def asked(call: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert call().status_code in (200, 201)
        return len(captured)

    api.post("/invoices", sale(account))
    few = asked(lambda: api.post("/invoices", sale(account)))
    assert asked(lambda: api.post("/invoices", sale(account, *[LINE] * 50))) == few + 1 <= 34
    for _ in range(5):
        api.post("/pending-items", {"account_id": str(account.pk), "description": "Express", "unit_amount": "1"})
    assert asked(lambda: api.get("/pending-items")) <= 3
