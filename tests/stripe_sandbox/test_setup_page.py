"""The page that stands for Stripe's form."""

import urllib.request
from urllib.parse import quote

import pytest
import stripe

from tests.hosted.elsewhere import choose, gone
from tests.stripe_sandbox.conftest import Sandbox

BACK = "http://127.0.0.1:9/pay/x?a=1"


def page(sandbox: Sandbox, intent: stripe.SetupIntent, back: str = BACK) -> str:
    return f"{sandbox.url}/_sandbox/setup?client_secret={intent.client_secret}&return_url={quote(back, safe='')}"


@pytest.mark.fr("FR-003")
def test_a_card_is_chosen_and_the_browser_goes_back(
    sandbox: Sandbox, client: stripe.StripeClient, customer: stripe.Customer
) -> None:
    intent = client.v1.setup_intents.create({"customer": customer.id, "automatic_payment_methods": {"enabled": True}})
    with urllib.request.urlopen(page(sandbox, intent), timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        text = answer.read().decode()
    assert '<form method="post">' in text
    assert 'type="text"' not in text, "no number can be typed"
    assert choose(page(sandbox, intent), "chargeDeclined", status=402) == "Your card was declined."
    back = choose(page(sandbox, intent), "visa")
    assert back.startswith(f"{BACK}&setup_intent={intent.id}&setup_intent_client_secret={intent.client_secret}&")
    assert back.endswith("redirect_status=succeeded")
    done = client.v1.setup_intents.retrieve(intent.id)
    assert client.v1.payment_methods.retrieve(str(done.payment_method)).customer == customer.id


def test_one_that_is_to_be_confirmed(sandbox: Sandbox, client: stripe.StripeClient, customer: stripe.Customer) -> None:
    intent = client.v1.setup_intents.create({"customer": customer.id, "automatic_payment_methods": {"enabled": True}})
    bank = choose(page(sandbox, intent), "authenticationRequiredOnSetup")
    assert bank.startswith(f"{sandbox.url}/_sandbox/authenticate?intent=seti_")
    assert gone(bank).startswith(f"{BACK}&setup_intent={intent.id}&redirect_status=succeeded")


def test_what_it_refuses(sandbox: Sandbox, client: stripe.StripeClient, customer: stripe.Customer) -> None:
    intent = client.v1.setup_intents.create({"customer": customer.id})
    path = page(sandbox, intent).removeprefix(sandbox.url)
    for odd in (
        path.replace("_secret_", "_secret_x"), path.replace("seti_", "seti_x"), "/_sandbox/setup",
        path.replace(quote(BACK, safe=""), "javascript%3Aalert(1)"),
    ):  # fmt: skip
        assert sandbox.call("GET", odd)[0] in (400, 404), odd
    assert sandbox.call("POST", path, b"card=4242424242424242")[0] == 400
    assert client.v1.setup_intents.retrieve(intent.id).status == "requires_payment_method"
