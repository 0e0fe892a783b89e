"""/v1/tokens and the reading of test cards: a published test number becomes the name of its card and is forgotten."""

import time
from typing import Any

from billing_project.stripe_sandbox import cards
from billing_project.stripe_sandbox.change import Change
from billing_project.stripe_sandbox.errors import StripeError, invalid, missing
from billing_project.stripe_sandbox.params import Kind, integer
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import Obj

URL = "/v1/tokens"


def card_name(number: str, param: str) -> str:
    """The test card with this number; any other number is refused, a real one with Stripe's own words."""
    digits = number.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19 and _luhn(digits)):
        raise StripeError(
            402, "Your card number is incorrect.", kind="card_error", code="incorrect_number", param=param
        )
    if digits not in cards.BY_NUMBER:
        raise StripeError(
            402,
            "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test "
            "cards, see docs/sandbox.md.",
            kind="card_error",
            code="card_declined",
            decline_code="test_mode_live_card",
            param=param,
        )
    return cards.BY_NUMBER[digits]


def expiry(change: Change, card: dict[str, Any]) -> tuple[int, int]:
    """Month and year as given, or December of the year after next for built-in cards."""
    today = time.gmtime(change.now)
    if not card:
        return 12, today.tm_year + 2
    month = integer("card[exp_month]", str(card.get("exp_month", "")))
    year = integer("card[exp_year]", str(card.get("exp_year", "")))
    year += 2000 if year < 100 else 0
    if not 1 <= month <= 12:
        raise StripeError(
            402, "Your card's expiration month is invalid.", kind="card_error", code="invalid_expiry_month"
        )
    if not today.tm_year <= year <= today.tm_year + 50 or (year, month) < (today.tm_year, today.tm_mon):
        raise StripeError(402, "Your card's expiration year is invalid.", kind="card_error", code="invalid_expiry_year")
    return month, year


def consume(change: Change, token_id: str) -> tuple[str, int, int]:
    """The card behind a token; a made token works once, a built-in one for ever."""
    name = cards.named(token_id, "tok_")
    if name is not None:
        return (name, *expiry(change, {}))
    token = change.find("token", token_id)
    if token is None:
        raise missing("token", token_id, "card[token]")
    if token["used"]:
        raise invalid(f"You cannot use a Stripe token more than once: {token_id}.", "card[token]", "token_already_used")
    token["used"] = True
    change.put(token)
    return token["_card"], token["card"]["exp_month"], token["card"]["exp_year"]


def create(change: Change, params: dict[str, Any]) -> Obj:
    given = params.get("card")
    if not given:
        raise invalid("You must supply a card to create a token.", "card", "parameter_missing")
    name = card_name(str(given.get("number", "")), "card[number]")
    month, year = expiry(change, given)
    card = cards.CARDS[name]
    return change.put(
        {
            "id": change.new_id("token"),
            "object": "token",
            "card": {
                "id": change.new_id("card"),
                "object": "card",
                "brand": card.brand.title(),
                "country": card.country,
                "exp_month": month,
                "exp_year": year,
                "funding": card.funding,
                "last4": card.number[-4:],
                "metadata": {},
                "name": given.get("name"),
            },
            "client_ip": "127.0.0.1",
            "created": change.now,
            "livemode": False,
            "type": "card",
            "used": False,
            "_card": name,
        }
    )


def retrieve(change: Change, _params: dict[str, Any], token_id: str) -> Obj:
    return change.get("token", token_id)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


ROUTES = (Route("POST", URL, create, {"card": Kind.HASH}, ("card",)), Route("GET", URL + "/{id}", retrieve))
