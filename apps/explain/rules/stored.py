"""What is stored of an invoice, as the derivation takes it. Amounts are minor units."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.plans.rules import Charge
from apps.plans.rules.rating import Usage


@dataclass(frozen=True)
class Count:
    """What the events that a line holds come to, counted again: by its watermark, without those corrected before it."""

    quantity: Decimal
    events: int
    usages: Sequence[Usage] = ()
    """The same group by group, as it is rated."""
    charge: Charge | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """A stored line. `price`: what the catalogue says its version costs; `noted`: taken back before by credit notes."""

    id: UUID
    position: int
    kind: str
    description: str
    quantity: Decimal
    unit_amount: Decimal | None
    amount: int
    discount_amount: int
    inclusive: bool
    jurisdiction: str
    tax_name: str
    category: str
    rate: Decimal
    reason: str
    tax_amount: int
    days: tuple[date, date] | None
    plan_version: int | None
    source: Mapping[str, Any]
    price: int | None = None
    reverses: "Line | None" = None
    noted: int = 0
    percents: Mapping[str, Decimal] = field(default_factory=dict)
    """Coupon id -> its percentage, for those that take one."""
    breakdown: Sequence[Mapping[str, Any]] = ()
    counted: Count | None = None
    """Of metered usage whose events are still kept."""
    subscription_id: UUID | None = None
    waited: bool = False
    """It was credited while it waited for an invoice, and came on the same one: it had no tax of its own yet."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A stored row of the tax breakdown."""

    jurisdiction: str
    rate: Decimal
    category: str
    reason: str
    taxable_amount: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """A stored invoice with all that its figures were made from. `rates`: (jurisdiction, category) -> rate that day."""

    id: UUID
    number: str
    kind: str
    currency: str
    subtotal: int
    discount: int
    tax: int
    total: int
    lines: Sequence[Line]
    groups: Sequence[Group]
    rates: Mapping[tuple[str, str], Decimal]

    @property
    def shared(self) -> frozenset[str]:
        """The coupons that several lines share: what such a one takes of a line is a part of a whole rounded once."""
        taken = Counter(str(part.get("coupon")) for line in self.lines for part in line.source.get("discounts", ()))
        return frozenset(coupon for coupon, count in taken.items() if count > 1)


@dataclass(frozen=True)
class Difference:
    """A stored figure that is not what it is derived to be; `where` names the line or group, empty for the invoice."""

    where: str
    figure: str
    stored: object
    derived: object

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.figure} is {self.stored}, derived {self.derived}"
