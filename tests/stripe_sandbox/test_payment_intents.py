"""Charges off session and on, declines with what they leave behind, authentication, cancelling, refunds, lists."""

from collections.abc import Callable

import pytest
import stripe

from tests.stripe_sandbox.conftest import Sandbox

Pay = Callable[..., stripe.PaymentIntent]


def test_a_charge_with_all_that_hangs_on_it(client: stripe.StripeClient, pay: Pay, customer: stripe.Customer) -> None:
    intent = pay(client, metadata={"invoice": "INV-1"}, expand=["latest_charge.balance_transaction", "customer"])
    charge = intent.latest_charge
    assert (intent.status, intent.amount_received, intent.customer.email) == ("succeeded", 1999, "ada@example.com")
    assert (charge.status, charge.paid, charge.metadata["invoice"]) == ("succeeded", True, "INV-1")
    assert (charge.balance_transaction.amount, charge.balance_transaction.fee) == (1999, 88)
    assert client.v1.charges.list({"payment_intent": intent.id}).data[0].id == charge.id
    assert client.v1.balance_transactions.list({"source": charge.id}).data[0].id == charge.balance_transaction.id
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.confirm(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_a_card_that_is_saved_and_then_declines(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    card = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    params = {"amount": 900, "currency": "jpy", "customer": customer.id, "payment_method": card.id, "confirm": True}
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.create({**params, "off_session": True})
    error = caught.value.error
    assert (caught.value.http_status, error.code, error.decline_code) == (402, "card_declined", "generic_decline")
    assert error.payment_intent.status == "requires_payment_method"
    assert error.payment_intent.last_payment_error.payment_method.id == card.id
    stored = client.v1.payment_intents.retrieve(error.payment_intent.id, {"expand": ["latest_charge"]})
    assert (stored.latest_charge.status, stored.latest_charge.id) == ("failed", error.charge)
    assert stored.latest_charge.outcome.reason == "generic_decline"
    good = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    assert client.v1.payment_intents.confirm(stored.id, {"payment_method": good.id}).status == "succeeded"
    assert [charge.status for charge in client.v1.charges.list({"customer": customer.id})] == ["succeeded", "failed"]


def test_authentication_off_session_declines_and_on_session_asks(
    sandbox: Sandbox, client: stripe.StripeClient, customer: stripe.Customer
) -> None:
    card = client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer.id})
    params = {"amount": 900, "currency": "eur", "customer": customer.id, "payment_method": card.id, "confirm": True}
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.create({**params, "off_session": True})
    assert caught.value.code == "authentication_required"
    intent_id = caught.value.error.payment_intent.id
    back = "https://shop.example/back"
    asked = client.v1.payment_intents.confirm(intent_id, {"payment_method": card.id, "return_url": back})
    assert (asked.status, asked.next_action.redirect_to_url.return_url) == ("requires_action", back)
    status, failed = sandbox.call("POST", "/_sandbox/authenticate", {"intent": intent_id, "outcome": "failure"})
    assert (status, failed["status"]) == (200, "requires_payment_method")
    assert failed["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    client.v1.payment_intents.confirm(intent_id, {"payment_method": card.id})
    assert sandbox.call("POST", "/_sandbox/authenticate", {"intent": intent_id})[1]["status"] == "succeeded"
    assert sandbox.call("POST", "/_sandbox/authenticate", {"intent": intent_id})[0] == 400


def test_cancel_and_update(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 100, "currency": "EUR", "metadata": {"a": "1", "b": "2"}})
    assert (intent.currency, intent.status) == ("eur", "requires_payment_method")
    changed = client.v1.payment_intents.update(intent.id, {"amount": 300, "metadata": {"a": "", "c": "3"}})
    assert (changed.amount, changed.metadata.to_dict()) == (300, {"b": "2", "c": "3"})
    cancelled = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.cancel(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_a_card_without_a_customer_works_once(client: stripe.StripeClient) -> None:
    card = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    params = {"amount": 100, "currency": "usd", "payment_method": card.id, "confirm": True}
    assert client.v1.payment_intents.create(params).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.v1.payment_intents.create(params)


def test_refunds_never_go_above_the_charge(client: stripe.StripeClient, pay: Pay) -> None:
    intent = pay(client)
    part = client.v1.refunds.create({"payment_intent": intent.id, "amount": 1000, "reason": "duplicate"})
    assert (part.status, part.amount, part.charge) == ("succeeded", 1000, intent.latest_charge)
    for amount, code in ((1000, "amount_too_large"), (0, "parameter_invalid_integer")):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.refunds.create({"charge": intent.latest_charge, "amount": amount})
        assert caught.value.code == code
    assert client.v1.refunds.create({"charge": intent.latest_charge}).amount == 999
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"charge": intent.latest_charge})
    assert caught.value.code == "charge_already_refunded"
    charge = client.v1.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    assert (charge.refunded, charge.amount_refunded, len(charge.refunds.data)) == (True, 1999, 2)
    told = client.v1.events.list({"type": "charge.refunded", "limit": 2}).data
    assert [event.data.object.amount_refunded for event in told] == [1999, 1000]


def test_pages_go_both_ways(client: stripe.StripeClient, pay: Pay, customer: stripe.Customer) -> None:
    ids = [pay(client).id for _ in range(5)][::-1]
    first = client.v1.payment_intents.list({"customer": customer.id, "limit": 2})
    assert ([intent.id for intent in first], first.has_more, first.url) == (ids[:2], True, "/v1/payment_intents")
    second = client.v1.payment_intents.list({"customer": customer.id, "limit": 2, "starting_after": ids[1]})
    assert [intent.id for intent in second] == ids[2:4]
    back = client.v1.payment_intents.list({"customer": customer.id, "limit": 2, "ending_before": ids[3]})
    assert ([intent.id for intent in back], back.has_more) == (ids[1:3], True)
    assert [intent.id for intent in first.auto_paging_iter()] == ids
    since = {"customer": customer.id, "created": {"gte": first.data[0].created + 5}}
    assert client.v1.payment_intents.list(since).data == []


def test_a_saved_cards_outcome_can_be_changed(
    sandbox: Sandbox, client: stripe.StripeClient, pay: Pay, card: stripe.PaymentMethod
) -> None:
    def told(outcome: str | None) -> int:
        return sandbox.call("POST", "/_sandbox/payment_methods", {"payment_method": card.id, "outcome": outcome})[0]

    assert told("insufficient_funds") == 200
    with pytest.raises(stripe.CardError) as caught:
        pay(client)
    assert caught.value.error.decline_code == "insufficient_funds"
    assert told(None) == 200
    assert pay(client).status == "succeeded"
    assert told("bored") == 400
