"""What movements of monthly recurring revenue are called, and how they are shown. Pure."""

from collections.abc import Sequence
from enum import StrEnum

from apps.kernel.money import Exact, rounded, settle

DIGITS = 12
"""Behind the minor unit: a twelfth of a yearly price is kept so exactly, and rounded once where it is shown."""


class Movement(StrEnum):
    """An account pays for the first time, again, more, less, or no longer."""

    NEW = "new"
    REACTIVATION = "reactivation"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"


def shown(opening: Exact, parts: Sequence[Exact]) -> tuple[int, list[int], int]:
    """The opening, the parts and the closing in whole units that add up: each within one unit of what it is."""
    first, last = rounded(opening), rounded(sum(parts, opening))
    return first, settle(last - first, parts), last
