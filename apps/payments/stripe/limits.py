"""How much Stripe takes in one charge. Source: docs.stripe.com/currencies (minimum and maximum charge amounts)."""

from apps.payments.rules import Limits

SMALLEST = {
    "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30, "HKD": 400,
    "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200, "RON": 200,
    "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
}  # fmt: skip
"""In minor units. Of a currency that is not among them Stripe publishes none."""

LARGEST = 99_999_999
"""Eight digits."""

THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""Their last digit has to be 0."""


def limits(currency: str) -> Limits:
    """What Stripe takes in this currency."""
    multiple = 10 if currency in THREE_DECIMALS else 1
    return Limits(smallest=SMALLEST.get(currency, multiple), largest=LARGEST, multiple=multiple)
