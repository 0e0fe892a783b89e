"""What coupons take off lines: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True)
class Discountable:
    amount: int
    plan_id: UUID | None
    kind: str


@dataclass(frozen=True)
class Attached:
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
    per_line: list[int]
    parts: list[list[tuple[UUID, int]]]
    uses: list[tuple[UUID, int]]


def discounts(lines: Sequence[Discountable], attached: Sequence[Attached]) -> Discounted:
    return Discounted([0 for _ in lines], [[] for _ in lines], [])
