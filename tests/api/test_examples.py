"""The examples of the document work as they stand, in the order in which a customer would send them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from apps.events import sequencer
from apps.kernel import clock
from apps.payments.models import Difference, Payment
from tests.api.conftest import EXAMPLES, counted, metered
from tests.payments.conftest import Sandbox
from tests.payments.test_api_reconciliation import difference

Call = Callable[..., Any]
ASSIGN = "POST /v1/reconciliation/differences/{id}/assign"
DISMISS = "POST /v1/reconciliation/differences/{id}/dismiss"


def in_a_month() -> str:
    return str(clock.wall().date() + timedelta(days=30))


def an_hour_ago() -> str:
    return (clock.wall() - timedelta(hours=1)).isoformat()


def _send(call: Call, name: str, path: str | None = None, **ids: str) -> Any:
    method, _, template = name.partition(" ")
    example = EXAMPLES[name]
    answer = call(method, path or template, {**example, **ids} if isinstance(example, dict) else example)
    assert answer.status_code in (200, 201, 202), answer.content
    shown = answer.json()
    for field, value in example.items() if isinstance(example, dict) else ():
        if field in shown and field not in ids and answer.status_code != 202:
            assert shown[field] == value or field in ("rate", "address", "charges", "lines"), field
    return shown


@pytest.mark.fr("FR-130")
def test_every_example_is_accepted_and_none_is_left_out(call: Call, sandbox: Sandbox) -> None:
    account = _send(call, "POST /v1/accounts")
    _send(call, "PATCH /v1/accounts/{id}", account["url"])
    _send(call, "POST /v1/tax/registrations")
    _send(call, "POST /v1/tax/rates")
    _send(call, "POST /v1/tax/ids")
    _send(call, "PUT /v1/tax/seller")
    methods = "POST /v1/accounts/{account_id}/payment-methods"
    card = _send(call, methods, f"/v1/accounts/{account['id']}/payment-methods")
    _send(call, "PUT /v1/accounts/{account_id}/dispute-hold", f"/v1/accounts/{account['id']}/dispute-hold")
    plan = _send(call, "POST /v1/plans")
    made = _send(call, "POST /v1/subscriptions", account_id=account["id"], plan_id=plan["id"])
    # 3 x 45.00 EUR with 19 % German tax.
    assert (made["latest_invoice"]["total"], made["latest_invoice"]["currency"]) == (16065, "EUR")
    _send(call, "PATCH /v1/subscriptions/{id}", made["url"])
    _send(call, "POST /v1/subscriptions/{id}/pause", f"{made['url']}/pause", resume_at=in_a_month())
    _send(call, "POST /v1/subscriptions/{id}/resume", f"{made['url']}/resume")
    _send(call, "POST /v1/subscriptions/{id}/cancel", f"{made['url']}/cancel")
    _send(call, "POST /v1/subscriptions/{id}/uncancel", f"{made['url']}/uncancel")
    _send(call, "POST /v1/credits", account_id=account["id"])
    other = _send(call, "POST /v1/plans", key="another")
    _send(call, "POST /v1/subscriptions/{id}/preview", f"{made['url']}/preview", plan_id=other["id"])
    _send(call, "POST /v1/coupons")
    _send(call, "POST /v1/subscriptions/preview", account_id=account["id"], plan_id=other["id"])
    sold = {"external_key": "contract-2026-18", "account_id": account["id"], "plan_id": other["id"]}
    billed = _send(call, "POST /v1/subscriptions", **sold)["latest_invoice"]
    void = _send(call, "POST /v1/invoices/{id}/void", f"{billed['url']}/void")["replacement"]
    sale = _send(call, "POST /v1/invoices", account_id=account["id"])
    Payment.objects.filter(invoice_id=sale["id"]).update(status="FAILED", settled_at=Now())
    _send(call, "POST /v1/invoices/{id}/pay", f"{sale['url']}/pay", payment_method_id=card["id"])
    came = {"account_id": account["id"], "invoice_id": sale["id"], "received_at": an_hour_ago()}
    transfer = _send(call, "POST /v1/payments", **came)
    _send(call, "POST /v1/payments/{id}/refunds", f"{transfer['url']}/refunds")
    stray = difference(Payment.objects.filter(invoice_id=sale["id"], status="FAILED").get())
    closed = _send(call, DISMISS, f"/v1/reconciliation/differences/{stray.pk}/dismiss")
    assert closed["status"] == "DISMISSED"
    assert _send(call, "POST /v1/bank-statements")["tasks"] == 1
    money = Difference.objects.get(kind="transfer_unmatched")
    _send(call, ASSIGN, f"/v1/reconciliation/differences/{money.pk}/assign", account_id=account["id"])
    _send(call, "POST /v1/pending-items", account_id=account["id"])
    _send(call, "POST /v1/credit-notes", invoice_id=void["id"])
    _send(call, "PATCH /v1/plans/{id}", plan["url"])
    _send(call, "POST /v1/bulk-moves", plan_id=plan["id"])
    counted(made["id"])
    _send(call, "POST /v1/re-ratings", plan_id=plan["id"])
    _send(call, "POST /v1/billing-runs")
    metered(call, made["id"])
    event = _send(call, "POST /v1/usage")
    assert event["duplicate"]
    assert _send(call, "POST /v1/usage/batch")["accepted"] == 2
    replaced = _send(call, "POST /v1/usage/{id}/replace", f"{event['url']}/replace")
    assert _send(call, "POST /v1/usage/{id}/void", f"{replaced['url']}/void")["voided_at"]
    clock = _send(call, "POST /v1/test-clocks")
    _send(call, "POST /v1/test-clocks/{id}/advance", f"/v1/test-clocks/{clock['id']}/advance")
    key = _send(call, "POST /v1/api-keys")
    assert _send(call, "POST /v1/api-keys/{id}/rotate", f"/v1/api-keys/{key['id']}/rotate")["replaces_id"] == key["id"]
    _send(call, "POST /v1/auth/token", account_id=account["id"])
    _webhooks(call)
    assert len(EXAMPLES) == 48


def _webhooks(call: Call) -> None:
    hook = _send(call, "POST /v1/webhook-endpoints")
    path = f"/v1/webhook-endpoints/{hook['id']}"
    _send(call, "PATCH /v1/webhook-endpoints/{id}", path)
    assert _send(call, "POST /v1/webhook-endpoints/{id}/rotate-secret", f"{path}/rotate-secret")["secret"]
    sequencer.assign()
    _send(call, "POST /v1/webhook-endpoints/{id}/resend", f"{path}/resend")
    event = call("GET", "/v1/events").json()["data"][0]
    _send(call, "POST /v1/events/{id}/resend", f"{event['url']}/resend", endpoint_id=hook["id"])
