"""Cards prepared for charges while the customer is away."""

import pytest
import stripe

from tests.stripe_sandbox.conftest import Sandbox


@pytest.mark.fr("FR-003")
def test_confirming_saves_the_card(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    intent = client.v1.setup_intents.create({"customer": customer.id, "payment_method_types": ["card"]})
    assert intent.status == "requires_payment_method"
    done = client.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (done.status, done.usage) == ("succeeded", "off_session")
    assert client.v1.payment_methods.retrieve(done.payment_method).customer == customer.id
    assert [found.id for found in client.v1.setup_intents.list({"customer": customer.id})] == [intent.id]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.setup_intents.cancel(intent.id)
    assert caught.value.code == "setup_intent_unexpected_state"


def test_a_refused_card_leaves_the_intent_open(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    params = {"customer": customer.id, "confirm": True, "payment_method": "pm_card_chargeDeclinedStolenCard"}
    with pytest.raises(stripe.CardError) as caught:
        client.v1.setup_intents.create(params)
    error = caught.value.error
    assert (error.decline_code, error.setup_intent.status) == ("stolen_card", "requires_payment_method")
    stored = client.v1.setup_intents.retrieve(error.setup_intent.id)
    assert stored.last_setup_error.code == "card_declined"
    assert client.v1.setup_intents.confirm(stored.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


def test_a_card_that_was_set_up_needs_no_second_proof(
    sandbox: Sandbox, client: stripe.StripeClient, customer: stripe.Customer
) -> None:
    token = "pm_card_authenticationRequiredOnSetup"
    asked = client.v1.setup_intents.create({"customer": customer.id, "confirm": True, "payment_method": token})
    assert asked.status == "requires_action"
    status, done = sandbox.call("POST", "/_sandbox/authenticate", {"intent": asked.id})
    assert (status, done["status"]) == (200, "succeeded")
    params = {"amount": 50, "currency": "eur", "customer": customer.id, "confirm": True, "off_session": True}
    paid = client.v1.payment_intents.create({**params, "payment_method": done["payment_method"]})
    assert paid.status == "succeeded"
    unprepared = client.v1.payment_methods.attach(token, {"customer": customer.id})
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.create({**params, "payment_method": unprepared.id})
    assert caught.value.code == "authentication_required"
