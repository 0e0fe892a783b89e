"""Bank debits answered later, refunds that arrive or fail later."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.conftest import Receiver, Sandbox

MANDATE = {"customer_acceptance": {"type": "offline"}}


def saved(client: stripe.StripeClient, customer: stripe.Customer, token: str) -> str:
    """A bank account set up with the customer's mandate, as a browser does it."""
    intent = client.v1.setup_intents.create(
        {"customer": customer.id, "payment_method": token, "confirm": True, "mandate_data": MANDATE}  # type: ignore[typeddict-item]
    )
    assert intent.status == "succeeded"
    return str(intent.payment_method)


def debit(client: stripe.StripeClient, customer: stripe.Customer, token: str, currency: str = "eur") -> Any:
    return client.v1.payment_intents.create({
        "amount": 5000, "currency": currency, "customer": customer.id, "confirm": True, "off_session": True,
        "payment_method": saved(client, customer, token),
    })  # fmt: skip


def until(read: Callable[[], Any], wanted: str) -> Any:
    end = time.monotonic() + 10
    while (found := read()).status != wanted:
        assert time.monotonic() < end, found.status
        time.sleep(0.05)
    return found


def test_a_debit_is_processing_until_the_bank_answers(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    intent = debit(client, customer, "pm_success_de")
    assert (intent.status, intent.amount_received) == ("processing", 0)
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.status, charge.paid, charge.balance_transaction) == ("pending", False, None)
    done = until(lambda: client.v1.payment_intents.retrieve(intent.id), "succeeded")
    assert done.amount_received == 5000
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.status, charge.payment_method_details.sepa_debit.last4) == ("succeeded", "3000")
    assert client.v1.balance_transactions.list({"source": charge.id}).data[0].amount == 5000


@pytest.mark.parametrize(
    ("token", "currency", "code"),
    [
        ("pm_insufficientFunds_de", "eur", "insufficient_funds"),
        ("pm_usBankAccount_accountClosed", "usd", "account_closed"),
    ],
)
def test_a_debit_that_comes_back(
    sandbox: Sandbox, client: stripe.StripeClient, customer: stripe.Customer, token: str, currency: str, code: str
) -> None:
    intent = debit(client, customer, token, currency)
    assert intent.status == "processing"
    assert sandbox.call("POST", "/_sandbox/bank", {"id": intent.id})[0] == 200, "its time can be called"
    failed = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (failed.status, failed.last_payment_error.code) == ("requires_payment_method", code)
    assert (failed.latest_charge.status, failed.latest_charge.failure_code) == ("failed", code)
    assert client.v1.balance_transactions.list({"source": failed.latest_charge.id}).data == []
    assert sandbox.call("POST", "/_sandbox/bank", {"id": intent.id})[0] == 400, "it answers once"


def test_a_debit_that_is_returned_after_it_came(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    intent = debit(client, customer, "pm_disputed_de")
    until(lambda: client.v1.payment_intents.retrieve(intent.id), "succeeded")
    [dispute] = client.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, dispute.reason, dispute.amount) == ("lost", "debit_not_authorized", 5000)


def test_what_a_bank_account_needs(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="mandate_data"):
        client.v1.setup_intents.create({"customer": customer.id, "payment_method": "pm_success_de", "confirm": True})
    with pytest.raises(stripe.InvalidRequestError, match="SetupIntent"):
        client.v1.payment_methods.attach("pm_success_de", {"customer": customer.id})
    with pytest.raises(stripe.InvalidRequestError, match="only supports payments in eur"):
        debit(client, customer, "pm_success_de", "usd")
    params: Any = {"amount": 500, "currency": "eur", "confirm": True, "payment_method": "pm_success_de"}
    with pytest.raises(stripe.InvalidRequestError, match="not allowed"):
        client.v1.payment_intents.create({**params, "payment_method_types": ["card"]})
    with pytest.raises(stripe.InvalidRequestError, match="mandate") as caught:
        client.v1.payment_intents.create(params)
    assert caught.value.code == "payment_intent_mandate_invalid"


def test_a_debit_outlives_a_kill(start_sandbox: Callable[..., Sandbox], receiver: Receiver) -> None:
    options = ("--debit-seconds", "600", "--webhook-url", receiver.url, "--webhook-secret", "whsec_" + "a" * 32)
    sandbox = start_sandbox(*options)
    client = sandbox.client()
    customer = client.v1.customers.create({})
    intent = debit(client, customer, "pm_success_de")
    sandbox.stop(9)
    sandbox.start()
    assert sandbox.client().v1.payment_intents.retrieve(intent.id).status == "processing"
    assert sandbox.call("POST", "/_sandbox/bank", {"id": intent.id})[1]["status"] == "succeeded"
    # What it was telling when it was killed it tells again, as Stripe may: the same event.
    for _ in range(500):
        if "payment_intent.succeeded" in receiver.types():
            break
        time.sleep(0.02)
    told = {(event["id"], event["type"]) for event in (json.loads(body) for body, _ in receiver.calls)}
    kinds = [kind for _, kind in told]
    assert kinds.count("payment_intent.processing") == 1
    assert kinds.count("payment_intent.succeeded") == 1


@pytest.mark.parametrize(
    ("card", "at_first", "in_the_end"),
    [("pm_card_pendingRefund", "pending", "succeeded"), ("pm_card_refundFail", "succeeded", "failed")],
)
def test_refunds_that_end_later(
    client: stripe.StripeClient, customer: stripe.Customer, card: str, at_first: str, in_the_end: str
) -> None:
    method = client.v1.payment_methods.attach(card, {"customer": customer.id})
    intent = client.v1.payment_intents.create({
        "amount": 900, "currency": "eur", "customer": customer.id, "payment_method": method.id, "confirm": True,
        "off_session": True,
    })  # fmt: skip
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 400})
    assert refund.status == at_first
    ended = until(lambda: client.v1.refunds.retrieve(refund.id), in_the_end)
    charge = client.v1.charges.retrieve(str(ended.charge))
    assert charge.amount_refunded == (400 if in_the_end == "succeeded" else 0)
    moved = sum(each.amount for each in client.v1.balance_transactions.list({"source": refund.id}).data)
    assert moved == (-400 if in_the_end == "succeeded" else 0)
