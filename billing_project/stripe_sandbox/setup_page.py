"""/_sandbox/setup: a page that stands for Stripe's form. A customer chooses a test card; no number is typed or kept."""

from html import escape
from typing import Any
from urllib.parse import urlsplit

from billing_project.stripe_sandbox import cards
from billing_project.stripe_sandbox.change import Change
from billing_project.stripe_sandbox.errors import StripeError, invalid
from billing_project.stripe_sandbox.form import decode
from billing_project.stripe_sandbox.resources import setup_intents
from billing_project.stripe_sandbox.store import Obj

OFFERED = {
    "visa": "Visa, works",
    "mastercard": "Mastercard, works",
    "authenticationRequiredOnSetup": "Visa, wants you to confirm it now",
    "authenticationRequired": "Visa, wants you to confirm each payment",
    "chargeCustomerFail": "Visa, is taken and then always declined",
    "chargeDeclined": "Visa, is refused",
}

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stripe sandbox</title>
<style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui,sans-serif;max-width:28rem;margin:2rem auto;
padding:0 1rem}}select,button{{font:inherit;width:100%;padding:.75rem;margin:.25rem 0 1rem;box-sizing:border-box}}
</style></head><body><main><h1>Stripe sandbox</h1>
<p>In live mode Stripe's own form stands here. Choose a test card:</p>{said}
<form method="post"><label for="card">Card</label><select id="card" name="card">{options}</select>
<button type="submit">Save this card</button></form>
<p><a href="{back}">Back without a card</a></p></main></body></html>"""


def asked(query: str) -> tuple[str, str]:
    """The client secret and the address to go back to, as the page was opened with them."""
    given = decode(query.encode())
    secret, back = str(given.get("client_secret", "")), str(given.get("return_url", ""))
    if urlsplit(back).scheme not in ("http", "https"):
        raise invalid("return_url is an address to go back to.", "return_url", "parameter_invalid")
    return secret, back


def awaited(change: Change, secret: str) -> Obj:
    """The SetupIntent of a client secret."""
    intent = change.get("setup_intent", secret.partition("_secret_")[0], "client_secret")
    if intent["client_secret"] != secret:
        raise invalid("The client_secret is not that of a SetupIntent.", "client_secret", "parameter_invalid")
    return intent


def page(back: str, refusal: str = "") -> str:
    """The form; `refusal`: why the card before was not taken."""
    options = "".join(f'<option value="{name}">{escape(text)}</option>' for name, text in OFFERED.items())
    said = f'<p role="alert"><strong>{escape(refusal)}</strong></p>' if refusal else ""
    return _PAGE.format(said=said, options=options, back=escape(back))


def confirm(change: Change, intent: Obj, card: str, back: str) -> Obj:
    """Confirm it with the chosen card, as Stripe's form does."""
    if card not in OFFERED or card not in cards.CARDS:
        raise invalid(f"card is one of {', '.join(OFFERED)}.", "card", "parameter_invalid")
    params: dict[str, Any] = {"payment_method": f"pm_card_{card}", "return_url": back}
    return setup_intents.confirm(change, params, intent["id"])


def onward(intent: Obj, back: str) -> str:
    """Where the browser goes next: to the bank's page, or back with how it ended."""
    if intent["next_action"]:
        return str(intent["next_action"]["redirect_to_url"]["url"])
    joint = "&" if "?" in back else "?"
    secret = f"setup_intent_client_secret={intent['client_secret']}"
    return f"{back}{joint}setup_intent={intent['id']}&{secret}&redirect_status={intent['status']}"


def refused(error: StripeError) -> str:
    """What a customer reads of a refusal; others than a card's are raised again."""
    if error.status != 402:
        raise error
    return str(error.body["error"]["message"])
