"""A plan as one document: what is wrong in it, all at once, and the one form in which it is kept."""

from collections.abc import Iterator, Mapping
from numbers import Real
from typing import Any

from apps.kernel.currencies import CURRENCIES
from apps.kernel.errors import Problem
from apps.kernel.money import MAX_AMOUNT
from apps.plans.rules.charges import read_charges
from apps.plans.rules.reading import Reading, amount, pointer

MAX_INTERVAL_COUNT = {"day": 365, "week": 52, "month": 60, "year": 10}
MAX_TRIAL_DAYS = 730
MAX_FEATURES, FEATURE_NAME, FEATURE_TEXT = 100, 64, 500
STRUCTURED = ("prices", "commitment", "features", "charges")
"""The members that are more than a word or a number."""


def problems(document: Mapping[str, Any]) -> list[Problem]:
    """What is wrong in the structured members of a plan given whole and between them, and in its interval."""
    return _read(document)[1]


def checked(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The document with its structured members in their one form, and all that is wrong (then the form is none)."""
    found, wrong = _read(document)
    return {**document, **found}, wrong


def _read(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    reading = Reading()
    prices = document.get("prices")
    for problem in price_problems(prices):
        reading.add(problem)
    currencies = (
        sorted(currency for currency in prices if currency in CURRENCIES) if isinstance(prices, Mapping) else []
    )
    found: dict[str, Any] = {"prices": dict(prices) if isinstance(prices, Mapping) else {}}
    found["commitment"] = _commitment(reading, document.get("commitment", {}), currencies)
    found["features"] = _features(reading, document.get("features", {}))
    found["charges"] = read_charges(reading, document.get("charges", []), "/charges", currencies)
    for problem in interval_problems(document):
        reading.add(problem)
    return found, reading.problems


def price_problems(prices: object) -> Iterator[Problem]:
    """Every fault of a price list: currency -> minor units."""
    if not isinstance(prices, Mapping) or not prices:
        yield Problem("/prices", "wrong_type", 'Expected an object such as {"USD": 4900}.')
        return
    for currency, price in prices.items():
        at = pointer("/prices", currency)
        if currency not in CURRENCIES:
            yield Problem(at, "currency_unknown", "Not a currency of ISO 4217; use a code such as USD, EUR or JPY.")
        if type(price) is not int:
            yield Problem(at, "wrong_type", "Expected whole minor units: 4900 for 49 dollars.")
        elif price < 0:
            yield Problem(at, "too_small", "A price is 0 or more.")
        elif price > MAX_AMOUNT:
            yield Problem(at, "amount_too_large", f"A price is at most {MAX_AMOUNT} minor units.")


def interval_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Whether `interval_count` is more than `interval` allows."""
    interval, count = document.get("interval"), document.get("interval_count", 1)
    longest = MAX_INTERVAL_COUNT.get(interval) if isinstance(interval, str) else None
    if longest is not None and type(count) is int and count > longest:
        yield Problem("/interval_count", "too_large", f"At most {longest} where the interval is {interval}.")


def _commitment(reading: Reading, value: Any, currencies: list[str]) -> dict[str, int]:
    if not isinstance(value, Mapping):
        reading.add(Problem("/commitment", "wrong_type", 'Expected an object such as {"USD": 100000}.'))
        return {}
    for currency, least in value.items():
        at = pointer("/commitment", currency)
        if currencies and currency not in currencies:
            text = f"The plan has no price in it, only in {', '.join(currencies)}."
            reading.add(Problem(at, "currency_without_price", text))
        amount(least=1)(reading, least, at)
    return dict(value)


def _features(reading: Reading, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        reading.add(Problem("/features", "wrong_type", 'Expected an object such as {"seats": 5, "sso": true}.'))
        return {}
    if len(value) > MAX_FEATURES:
        reading.add(Problem("/features", "too_long", f"At most {MAX_FEATURES} features."))
        return {}
    for name, given in value.items():
        at = pointer("/features", name)
        if not isinstance(name, str) or not 0 < len(name) <= FEATURE_NAME or not name.isprintable():
            reading.add(Problem(at, "name_invalid", f"A name has 1 to {FEATURE_NAME} printable characters."))
        if isinstance(given, str):
            if len(given) > FEATURE_TEXT:
                reading.add(Problem(at, "too_long", f"At most {FEATURE_TEXT} characters."))
        elif not isinstance(given, Real):
            reading.add(Problem(at, "wrong_type", "A feature is true or false, a number (a limit) or a string."))
        elif not -MAX_AMOUNT <= given <= MAX_AMOUNT:  # type: ignore[operator]
            reading.add(Problem(at, "too_large", f"A limit lies within {MAX_AMOUNT}."))
    return dict(value)
