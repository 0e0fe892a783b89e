"""The main job, as a customer's application lives it: over HTTP, through real parts, nothing called from inside."""

import threading
import time
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.scenarios.client import Answer
from tests.scenarios.conftest import Company
from tests.scenarios.stack import Stack, wait_until


@pytest.mark.fr("FR-026", "FR-057", "FR-058")
def test_a_subscription_is_invoiced_charged_and_paid_within_seconds(
    stack: Stack, company: Company, paid: Callable[[str], bool]
) -> None:
    account = company.customer()
    made = company.subscribe(account)
    assert made["status"] == "ACTIVE"
    invoice = made["latest_invoice"]
    assert (invoice["total"], invoice["currency"]) == (4900, "USD")
    wait_until(lambda: paid(invoice["id"]), 15)

    [payment] = company.client.every("/v1/payments", account_id=account)
    assert (payment["status"], payment["amount"], payment["invoice_id"]) == ("SUCCEEDED", 4900, invoice["id"])
    [charge] = stack.charges(invoice["id"])
    assert (charge["amount"], charge["currency"]) == (4900, "usd")
    assert company.client.get(f"/v1/invoices/{invoice['id']}")["balance"] == 0

    def told() -> set[str]:
        return {event["event_type"] for event in company.client.every("/v1/events", account_id=account)}

    expected = {
        "account.created", "payment_method.attached", "subscription.created", "invoice.created", "payment.succeeded",
        "invoice.paid",
    }  # fmt: skip
    wait_until(lambda: expected <= told(), 10)
    checked = stack.manage("invariants")
    assert checked.returncode == 0, checked.stdout
    assert "BROKEN" not in checked.stdout


def test_what_the_worker_counts_is_scraped_from_web(
    stack: Stack, company: Company, paid: Callable[[str], bool]
) -> None:
    """Exactly, so that no process of a role is left out or counted twice."""
    account, counted = company.customer(), stack.numbers()
    invoice = company.subscribe(account)["latest_invoice"]
    wait_until(lambda: paid(invoice["id"]), 15)
    expected = {
        'payments_attempted_total{status="succeeded"}': 1,
        "invoices_generated_total": 1,
        'tax_requests_total{outcome="ok",provider="rate_table"}': 1,
        'stripe_requests_total{operation="payment_intents.create",outcome="ok"}': 1,
        'api_requests_total{endpoint="/v1/subscriptions",method="POST",status="201"}': 1,
    }

    def grown() -> dict[str, float]:
        now = stack.numbers()
        return {name: now.get(name, 0) - counted.get(name, 0) for name in expected}

    # The payment is seen to be paid a moment before its attempt is counted.
    wait_until(lambda: grown() == expected, 10)
    now = stack.numbers()
    assert any(name.startswith("celery_task_duration_seconds_count{") for name in now)
    assert time.time() - now["beat_last_tick_timestamp_seconds"] < 120


@pytest.mark.fr("FR-061")
def test_the_webhook_of_a_charge_is_verified_looked_into_and_changes_nothing_twice(
    stack: Stack, company: Company, paid: Callable[[str], bool]
) -> None:
    invoice = company.subscribe(company.customer())["latest_invoice"]
    wait_until(lambda: paid(invoice["id"]), 15)
    done = "SELECT count(*) FROM payments_gatewaynotice WHERE status = 'DONE' AND object_id = '{}'"
    [charge] = stack.charges(invoice["id"])
    wait_until(lambda: stack.rows(done.format(charge["payment_intent"])) != [(0,)], 15)
    uuid = stack.rows("SELECT djstripe_uuid FROM djstripe_webhookendpoint")[0][0]
    forged = stack.client.send(
        "POST", f"/stripe/webhook/{uuid}", {"id": "evt_forged", "type": "payment_intent.succeeded"},
        **{"Stripe-Signature": "t=1,v1=00"},
    )  # fmt: skip
    assert forged.status == 400
    assert stack.rows("SELECT count(*) FROM payments_gatewaynotice WHERE gateway_event_id = 'evt_forged'") == [(0,)]


@pytest.mark.fr("FR-059")
def test_a_declined_card_leaves_the_invoice_open_and_says_why(stack: Stack, company: Company) -> None:
    account = company.customer("pm_card_chargeCustomerFail")
    invoice = company.subscribe(account)["latest_invoice"]

    def ended() -> bool:
        return [each["status"] for each in company.client.every("/v1/payments", account_id=account)] == ["FAILED"]

    wait_until(ended, 15)
    [payment] = company.client.every("/v1/payments", account_id=account)
    assert payment["failure_code"] == "generic_decline"
    shown = company.client.get(f"/v1/invoices/{invoice['id']}")
    assert (shown["status"], shown["balance"]) == ("OPEN", 4900)
    assert stack.charges(invoice["id"]) == []


def at_once(calls: list[Callable[[], Answer]]) -> list[Answer]:
    found: list[Answer] = []
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> None:
        barrier.wait()
        found.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_identical_creates_at_once_make_one(stack: Stack, company: Company) -> None:
    wish = company.wish(company.customer(), external_key=f"contract-{uuid4()}")
    answers = at_once([lambda: company.client.send("POST", "/v1/subscriptions", wish)] * 2)
    assert sorted(answer.status for answer in answers) == [201, 409]
    [refused] = [answer.body for answer in answers if answer.status == 409]
    assert refused["code"]
    assert refused["hint"]
    assert len(company.client.every("/v1/subscriptions", account_id=wish["account_id"])) == 1
    assert len(company.client.every("/v1/invoices", account_id=wish["account_id"])) == 1


def test_the_same_key_twice_at_once_runs_once_and_another_body_is_refused(stack: Stack, company: Company) -> None:
    wish, key = company.wish(company.customer()), str(uuid4())
    answers = at_once([lambda: company.client.insist("POST", "/v1/subscriptions", wish, idempotency_key=key)] * 4)
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1
    other = company.client.send("POST", "/v1/subscriptions", {**wish, "quantity": 2}, idempotency_key=key)
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert len(company.client.every("/v1/subscriptions", account_id=wish["account_id"])) == 1
    assert len(company.client.every("/v1/invoices", account_id=wish["account_id"])) == 1


def test_the_operators_key_is_all_that_the_command_prints(stack: Stack) -> None:
    made = stack.manage("create_api_key", "--role", "super_admin", "--name", "check", "--rate-limit", "0")
    assert made.returncode == 0
    key = made.stdout.removesuffix("\n")
    assert key
    assert not set(key) & set(" \n\t")
    assert stack.client.send("GET", "/v1/accounts", Authorization=f"Bearer {key}").status == 200
