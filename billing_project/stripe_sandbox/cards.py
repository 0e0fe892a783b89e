"""Stripe's published test cards: what each one does when it is attached, set up and charged."""

from dataclasses import dataclass
from typing import Any

GENERIC = "Your card was declined."


@dataclass(frozen=True, slots=True)
class Decline:
    code: str
    message: str
    decline_code: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    number: str
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    decline: str | None = None  # a name in DECLINES: every charge is refused for it
    refuses_attach: bool = False  # a bank that refuses the charge refuses the check at attaching too, save one card
    authentication: str = "never"  # never | always | unless_set_up
    disputed: str | None = None  # the reason, or "inquiry:" and the reason, for which each charge is disputed
    refund: str = "at_once"  # at_once | later | fails


DECLINES: dict[str, Decline] = {
    "generic_decline": Decline("card_declined", GENERIC, "generic_decline"),
    "insufficient_funds": Decline("card_declined", "Your card has insufficient funds.", "insufficient_funds"),
    "lost_card": Decline("card_declined", GENERIC, "lost_card"),
    "stolen_card": Decline("card_declined", GENERIC, "stolen_card"),
    "fraudulent": Decline("card_declined", GENERIC, "fraudulent"),
    "do_not_honor": Decline("card_declined", GENERIC, "do_not_honor"),
    "pickup_card": Decline("card_declined", GENERIC, "pickup_card"),
    "card_velocity_exceeded": Decline(
        "card_declined",
        "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
        "card_velocity_exceeded",
    ),
    "expired_card": Decline("expired_card", "Your card has expired."),
    "incorrect_cvc": Decline("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": Decline(
        "processing_error", "An error occurred while processing your card. Try again in a little bit."
    ),
    "authentication_required": Decline(
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
        "authentication_required",
    ),
}


def _refused(number: str, decline: str) -> Card:
    return Card(number, decline=decline, refuses_attach=True)


# By the name that follows `pm_card_` or `tok_`.
CARDS: dict[str, Card] = {
    "visa": Card("4242424242424242"),
    "visa_debit": Card("4000056655665556", funding="debit"),
    "mastercard": Card("5555555555554444", "mastercard"),
    "mastercard_debit": Card("5200828282828210", "mastercard", funding="debit"),
    "amex": Card("378282246310005", "amex"),
    "discover": Card("6011111111111117", "discover"),
    "us": Card("4242424242424242"),
    "br": Card("4000000760000002", country="BR"),
    "ca": Card("4000001240000000", country="CA"),
    "de": Card("4000002760000016", country="DE"),
    "fr": Card("4000002500000003", country="FR"),
    "gb": Card("4000008260000000", country="GB"),
    "jp": Card("4000003920000003", country="JP"),
    "au": Card("4000000360000006", country="AU"),
    "chargeDeclined": _refused("4000000000000002", "generic_decline"),
    "chargeDeclinedInsufficientFunds": _refused("4000000000009995", "insufficient_funds"),
    "chargeDeclinedLostCard": _refused("4000000000009987", "lost_card"),
    "chargeDeclinedStolenCard": _refused("4000000000009979", "stolen_card"),
    "chargeDeclinedExpiredCard": _refused("4000000000000069", "expired_card"),
    "chargeDeclinedIncorrectCvc": _refused("4000000000000127", "incorrect_cvc"),
    "chargeDeclinedProcessingError": _refused("4000000000000119", "processing_error"),
    "chargeDeclinedVelocityLimitExceeded": _refused("4000000000006975", "card_velocity_exceeded"),
    "chargeDeclinedFraudulent": _refused("4100000000000019", "fraudulent"),
    "chargeCustomerFail": Card("4000000000000341", decline="generic_decline"),
    "authenticationRequired": Card("4000002760003184", country="DE", authentication="always"),
    "authenticationRequiredOnSetup": Card("4000002500003155", country="FR", authentication="unless_set_up"),
    "authenticationRequiredChargeDeclinedInsufficientFunds": Card(
        "4000008260003178", country="GB", decline="insufficient_funds", authentication="always"
    ),
    "createDispute": Card("4000000000000259", disputed="fraudulent"),
    "createDisputeProductNotReceived": Card("4000000000002685", disputed="product_not_received"),
    "createDisputeInquiry": Card("4000000000001976", disputed="inquiry:fraudulent"),
    "pendingRefund": Card("4000000000007726", refund="later"),
    "refundFail": Card("4000000000005126", refund="fails"),
}
BY_NUMBER: dict[str, str] = {card.number: name for name, card in reversed(CARDS.items())}


def named(token: str, prefix: str) -> str | None:
    """The card's name in a built-in token such as `pm_card_visa_chargeDeclined`, or None."""
    name = token.removeprefix(prefix)
    if name == token:
        return None
    if name not in CARDS and name.removeprefix("visa_") in CARDS:
        name = name.removeprefix("visa_")
    return name if name in CARDS else None


def decline_for(method: dict[str, Any]) -> Decline | None:
    """Why a charge is refused now; `_outcome`, set over the control path, goes before the card."""
    if "_outcome" in method:
        return DECLINES[method["_outcome"]] if method["_outcome"] else None
    name = CARDS[method["_card"]].decline
    return DECLINES[name] if name else None


def needs_authentication(method: dict[str, Any], *, off_session: bool) -> bool:
    if "_outcome" in method or "_card" not in method:
        return False
    rule = CARDS[method["_card"]].authentication
    if rule == "unless_set_up":
        return not (off_session and method.get("_set_up"))
    return rule == "always"
