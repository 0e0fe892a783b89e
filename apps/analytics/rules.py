"""Monthly recurring revenue, exact until it is shown. Pure."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

MONTHS = {"year": Fraction(1, 12), "month": Fraction(1), "week": Fraction(52, 12), "day": Fraction(365, 12)}
"""By which a price of an interval counts in a month."""


def monthly(amount: int, interval: str, count: int, percents: Iterable[Decimal], fixed: int) -> Fraction:
    """What a price comes to in a month, in minor units: less percentages, one after the other, then fixed amounts.

    Never below zero.
    """
    left = Fraction(amount)
    for percent in percents:
        left *= 1 - Fraction(percent) / 100
    return max(left - fixed, Fraction(0)) * MONTHS[interval] / count
