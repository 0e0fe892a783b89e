"""What coupons take off lines: before tax, in the order they were attached, in proportion, never below zero. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

from apps.kernel.currencies import CURRENCIES
from apps.kernel.errors import Problem
from apps.kernel.money import rounded, settle

HUNDRED = 100
CONSUMING = ("renewal", "one_off")
"""Lines that use a coupon up; a fixed amount comes off these alone, a percentage off prorations too."""


class Duration(StrEnum):
    """How long a coupon gives: on one invoice, on so many periods, or on all."""

    ONCE = "once"
    REPEATING = "repeating"
    FOREVER = "forever"


@dataclass(frozen=True)
class Discountable:
    """A charge as it is before discount and tax (gross if tax is inside), 0 or more: renewal, proration or one_off."""

    amount: int
    plan_id: UUID | None
    kind: str


@dataclass(frozen=True)
class Attached:
    """A coupon on a subscription, and what is left of it: periods (None: no end) and, once, of its amount."""

    id: UUID
    coupon_id: UUID
    code: str
    percent_off: Decimal | None
    amount_off: int | None
    duration: str
    periods_left: int | None
    amount_left: int | None
    plan_ids: frozenset[UUID]


@dataclass(frozen=True)
class Discounted:
    """What comes off each line in all and by which coupon, and what each coupon has given to this invoice."""

    per_line: list[int]
    parts: list[list[tuple[UUID, int]]]
    uses: list[tuple[UUID, int]]


def discounts(lines: Sequence[Discountable], attached: Sequence[Attached]) -> Discounted:
    """What comes off `lines`. A coupon is used where a renewal or a one-off line takes it, even if it comes to 0."""
    off = [0 for _ in lines]
    parts: list[list[tuple[UUID, int]]] = [[] for _ in lines]
    uses = []
    for each in attached:
        taking = [index for index, line in enumerate(lines) if _takes(each, line) and line.amount > off[index]]
        if not taking:
            continue
        left = [lines[index].amount - off[index] for index in taking]
        shares = _shares(each, left)
        for index, share in zip(taking, shares, strict=True):
            off[index] += share
            if share:
                parts[index].append((each.id, share))
        if any(lines[index].kind in CONSUMING for index in taking):
            uses.append((each.id, sum(shares)))
    return Discounted(off, parts, uses)


def _takes(coupon: Attached, line: Discountable) -> bool:
    if coupon.percent_off is None and line.kind not in CONSUMING:
        return False
    return not coupon.plan_ids or line.plan_id in coupon.plan_ids


def _shares(coupon: Attached, left: Sequence[int]) -> list[int]:
    """What it takes off each of these amounts; the parts sum to the whole, which is rounded once."""
    whole = sum(left)
    if coupon.percent_off is not None:
        exact = [Fraction(amount) * Fraction(coupon.percent_off) / HUNDRED for amount in left]
        return settle(rounded(sum(exact, Fraction(0))), exact)
    amount = min(coupon.amount_left or 0, whole)
    return settle(amount, [Fraction(amount * each, whole) for each in left])


def problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong between the members of a coupon."""
    percent, amount = document.get("percent_off"), document.get("amount_off")
    if (percent is None) == (amount is None):
        yield Problem("/percent_off", "ambiguous", "Give either percent_off, or amount_off with its currency.")
    if percent is not None and not 0 < percent <= HUNDRED:
        yield Problem("/percent_off", "out_of_range", "A percentage lies above 0 and is 100 at most.")
    currency = document.get("currency")
    if (amount is None) != (currency is None):
        yield Problem("/currency", "required", "An amount and its currency belong together.")
    elif currency is not None and currency not in CURRENCIES:
        yield Problem("/currency", "currency_unknown", "Not a currency of ISO 4217; use a code such as USD or EUR.")
    repeats = document.get("duration") == Duration.REPEATING
    if repeats != (document.get("duration_periods") is not None):
        yield Problem("/duration_periods", "required", "A repeating coupon, and only that, says for how many periods.")
