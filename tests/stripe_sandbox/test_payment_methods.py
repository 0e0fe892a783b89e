"""Test tokens, test cards, and which of them a bank refuses to save."""

import pytest
import stripe

from tests.stripe_sandbox.conftest import Sandbox

REFUSED = [
    ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("pm_card_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
]


@pytest.mark.parametrize(("token", "code", "decline_code"), REFUSED)
def test_a_declining_card_is_refused_at_attach_and_at_charge(
    sandbox: Sandbox,
    client: stripe.StripeClient,
    customer: stripe.Customer,
    token: str,
    code: str,
    decline_code: str | None,
) -> None:
    with pytest.raises(stripe.CardError) as attached:
        client.v1.payment_methods.attach(token, {"customer": customer.id})
    with pytest.raises(stripe.CardError) as charged:
        client.v1.payment_intents.create({"amount": 50, "currency": "usd", "payment_method": token, "confirm": True})
    for caught in (attached, charged):
        assert (caught.value.http_status, caught.value.code) == (402, code)
        assert caught.value.error.to_dict().get("decline_code") == decline_code
    assert client.v1.payment_methods.list({"customer": customer.id}).data == []


@pytest.mark.fr("FR-003")
def test_attach_list_detach(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    first = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    second = client.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})
    assert (first.card.brand, first.card.last4, second.card.brand) == ("visa", "4242", "mastercard")
    listed = client.v1.payment_methods.list({"customer": customer.id, "type": "card"})
    assert [method.id for method in listed] == [second.id, first.id]
    params = {"invoice_settings": {"default_payment_method": first.id}}
    assert client.v1.customers.update(customer.id, params).invoice_settings.default_payment_method == first.id
    assert client.v1.payment_methods.detach(first.id).customer is None
    assert client.v1.customers.retrieve(customer.id).invoice_settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.v1.payment_methods.attach(first.id, {"customer": customer.id})
    with pytest.raises(stripe.InvalidRequestError, match="detachment is impossible"):
        client.v1.payment_methods.detach(first.id)


def test_another_customers_card_is_not_mine(client: stripe.StripeClient, card: stripe.PaymentMethod) -> None:
    other = client.v1.customers.create({"name": "other"})
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        client.v1.payment_methods.attach(card.id, {"customer": other.id})
    params = {"amount": 50, "currency": "usd", "payment_method": card.id, "confirm": True}
    for more in ({}, {"customer": other.id}):
        with pytest.raises(stripe.InvalidRequestError, match="belongs to"):
            client.v1.payment_intents.create({**params, **more})


def test_made_from_tokens_and_test_numbers(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    built_in = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_mastercard"}})
    assert built_in.card.last4 == "4444"
    number = {"number": "4000 0000 0000 0341", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    token = client.v1.tokens.create({"card": number})
    made = client.v1.payment_methods.create({"type": "card", "card": {"token": token.id}})
    assert (made.card.last4, made.card.exp_year) == ("0341", 2040)
    with pytest.raises(stripe.InvalidRequestError) as again:
        client.v1.payment_methods.create({"type": "card", "card": {"token": token.id}})
    assert again.value.code == "token_already_used"
    assert "4000000000000341" not in (sandbox.data / "journal.jsonl").read_text()


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"number": "4111111111111111"}, "card_declined"),
        ({"number": "4242424242424242", "exp_month": 13}, "invalid_expiry_month"),
        ({"number": "4242424242424242", "exp_year": 2020}, "invalid_expiry_year"),
    ],
)
def test_cards_that_are_no_test_cards(client: stripe.StripeClient, card: dict, code: str) -> None:
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_methods.create({"type": "card", "card": {"exp_month": 1, "exp_year": 2040, **card}})
    assert caught.value.code == code


def test_unknown_built_in_name_is_missing(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_methods.attach("pm_card_gold", {"customer": customer.id})
    assert caught.value.code == "resource_missing"
