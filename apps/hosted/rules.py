"""What a customer's page shows and looks like, from what is known. Pure."""

from decimal import Decimal
from enum import StrEnum

WAIT = 4
"""Seconds that a page waits for a charge to end before it says that it is under way."""
LINK_LIMIT = 20
"""What may be done by one link in an hour: a customer needs few, who tries stolen cards needs many."""
DARK, LIGHT = "#000000", "#ffffff"


class State(StrEnum):
    """How an invoice stands for who pays it."""

    DUE = "due"
    NO_METHOD = "no_method"
    CARRIED = "carried"
    CONFIRM = "confirm"
    UNDER_WAY = "under_way"
    PAID = "paid"
    VOID = "void"


def state(status: str, *, has_method: bool, under_way: bool, link: str, carried: bool = False) -> State:
    """Of an invoice that is final; `link`: where its customer confirms the charge that is under way.

    `carried`: it is too little to charge, and waits for the account's next invoice.
    """
    if status == "VOID":
        return State.VOID
    if status != "OPEN":
        return State.PAID
    if under_way:
        return State.CONFIRM if link else State.UNDER_WAY
    if carried:
        return State.CARRIED
    return State.DUE if has_method else State.NO_METHOD


def ink(color: str) -> str:
    """Dark or light letters on a colour such as #1f3a5f, whichever is read better: always by 4.5 to 1 or more."""
    return DARK if contrast(color, DARK) > contrast(color, LIGHT) else LIGHT


def contrast(one: str, other: str) -> Decimal:
    """How far two colours are apart, from 1 to 21, as WCAG 2 has it."""
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + Decimal("0.05")) / (dark + Decimal("0.05"))


def _luminance(color: str) -> Decimal:
    red, green, blue = (_linear(Decimal(int(color[start : start + 2], 16)) / 255) for start in (1, 3, 5))
    return Decimal("0.2126") * red + Decimal("0.7152") * green + Decimal("0.0722") * blue


def _linear(part: Decimal) -> Decimal:
    if part <= Decimal("0.04045"):
        return part / Decimal("12.92")
    return ((part + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")
