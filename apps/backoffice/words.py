"""Why a payment failed, in words for somebody who talks to the customer; pure."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "insufficient_funds": "Not enough money on the card. It is worth trying again, best after payday.",
    "card_declined": "The bank refused without saying why. The customer should ask the bank or use another card.",
    "generic_decline": "The bank refused without saying why. The customer should ask the bank or use another card.",
    "do_not_honor": "The bank refused without saying why. The customer should ask the bank or use another card.",
    "expired_card": "The card has expired. The customer needs to give a new one.",
    "incorrect_cvc": "The card's security code was wrong. The customer needs to enter the card again.",
    "incorrect_number": "The card's number was wrong. The customer needs to enter the card again.",
    "lost_card": "The card was reported lost. The customer needs to give another one.",
    "stolen_card": "The card was reported stolen. The customer needs to give another one.",
    "fraudulent": "The gateway takes the charge for fraud. Talk to the customer before trying again.",
    "processing_error": "Something went wrong at the bank. It is worth trying again.",
    "authentication_required": "The bank wants the customer to confirm the payment, which needs them to be present.",
    "card_velocity_exceeded": "The card's limit is used up. It is worth trying again in some days.",
    "currency_not_supported": "The card does not take this currency. The customer should use another card.",
    "payment_method_detached": "The payment method was taken off while the payment was under way.",
    "no_payment_method": "There was no payment method to charge.",
    "amount_too_small": "The amount is below the least that the gateway charges.",
}


def reason(code: str, message: str = "") -> str:
    """In words; what is not known is said as the gateway said it."""
    if not code:
        return message
    return REASONS.get(code) or message or f"The gateway refused it ({code.replace('_', ' ')})."
