"""VAT numbers of the European Union: what one looks like, and when it moves the tax to whoever has it. No database."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from stdnum.eu import vat
from stdnum.exceptions import ValidationError

UNION = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905 - a list
)
"""The member states, as accounts and rates name them."""

_COUNTRIES = {"EL": "GR", "XI": "GB"}
"""Where a prefix is no code of ISO 3166: Greece; and Northern Ireland, which is in the union for goods alone."""
_PREFIXES = {"GR": "EL"}
"""As VIES calls it, whatever is written."""
PREFIXES = UNION - _PREFIXES.keys() | _COUNTRIES.keys()

_SPACED = re.compile(r"[\s./-]")
"""How numbers are grouped."""
LONGEST = 64
"""Characters of an account's tax id."""

FRESH = timedelta(days=1)
"""So long an answer is given again to whoever asks."""
LEASE = timedelta(minutes=2)
"""How long one worker may hold one number; longer than a call at its time-out (see settings)."""


class Status(StrEnum):
    """What is known of a number whose check digits fit."""

    PENDING = "PENDING"
    VALID = "VALID"
    INVALID = "INVALID"


RENEWED = {Status.VALID: timedelta(days=30), Status.INVALID: timedelta(days=7)}
"""After so long VIES is asked again about a number that accounts have: companies end, and new ones appear late."""


@dataclass(frozen=True, slots=True)
class VatNumber:
    """A number whose check digits fit, in its one way of writing. `prefix`: as VIES has it."""

    prefix: str
    digits: str

    @property
    def country(self) -> str:
        """Where whoever has it is, by ISO 3166."""
        return _COUNTRIES.get(self.prefix, self.prefix)

    def __str__(self) -> str:
        return self.prefix + self.digits


def prefixed(text: str) -> bool:
    """Whether it begins as a VAT number of the union does."""
    start = text.strip()[:2].upper()
    return _PREFIXES.get(start, start) in PREFIXES


@lru_cache(maxsize=10_000)
def read(text: str) -> VatNumber | None:
    """The number that a text is, however it is spaced; None for any other tax id, and where check digits do not fit.

    A run asks again for each invoice of a customer.
    """
    if not prefixed(text) or len(text) > LONGEST:
        return None
    try:
        written = vat.validate(_SPACED.sub("", text))
    except ValidationError:
        return None
    prefix = _PREFIXES.get(written[:2], written[:2])
    return VatNumber(prefix, written[2:]) if written.isascii() else None


def reverses(customer: str, *, registered: Collection[str], seat: str) -> bool:
    """Whether a business in the country `customer`, whose number is valid there, owes the tax itself.

    So it is between member states: the seller is registered in another one, and does not sit in the customer's. A
    registration there is no seat: it is how consumers are charged. `seat` is "" while nobody has said who sells; then
    each registration counts as one, for the tax that is not charged by mistake is the seller's to pay.
    """
    home = {seat} if seat else registered
    return customer in UNION and customer not in home and bool((UNION & set(registered)) - {customer})


def back_off(calls: int) -> timedelta:
    """How long to wait after the n-th call without an answer: 1, 2, 4 ... minutes, at most six hours."""
    return timedelta(minutes=min(2 ** (max(calls, 1) - 1), 360))
