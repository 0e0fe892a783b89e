"""What a run would bill against what was billed in the cycle before, by cause. Amounts are minor units of one currency,
with tax and net of discounts; the causes of a difference always sum to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from apps.invoices.rules import LineKind
from apps.kernel.money import rounded


class Cause(StrEnum):
    """Why a bill is another one than in the cycle before.

    NEW: not billed before. LOST: billed before, and ended, paused or cancelled since. FURTHER: the second and later
    periods of one that is billed several at once. STOPPED: it cannot be billed. PRORATION: other days, and what changes
    inside a period left to bill. The others are what they are called.
    """

    NEW = "new"
    LOST = "lost"
    FURTHER = "further"
    STOPPED = "stopped"
    PRICE = "price"
    QUANTITY = "quantity"
    PRORATION = "proration"
    DISCOUNT = "discount"
    TAX = "tax"
    USAGE = "usage"
    ONE_OFF = "one_off"


class Line(Protocol):
    """What is read of a line of an invoice."""

    @property
    def kind(self) -> str: ...

    @property
    def quantity(self) -> Decimal: ...

    @property
    def unit_amount(self) -> Decimal | None: ...

    @property
    def amount(self) -> int: ...

    @property
    def discount_amount(self) -> int: ...

    @property
    def tax_amount(self) -> int: ...


@dataclass(frozen=True)
class Bill:
    """What one cycle costs a subscription: its recurring line, and sums over all its lines."""

    quantity: Fraction = Fraction(0)
    unit_amount: Fraction = Fraction(0)
    recurring: int = 0
    prorated: int = 0
    usage: int = 0
    one_off: int = 0
    discount: int = 0
    tax: int = 0

    @property
    def total(self) -> int:
        """With tax, net of discounts."""
        return self.recurring + self.prorated + self.usage + self.one_off - self.discount + self.tax


_PLACES = {
    LineKind.USAGE: "usage",
    LineKind.MINIMUM: "usage",
    LineKind.ONE_OFF: "one_off",
    LineKind.TAX_CORRECTION: "tax",
}
"""Where a line's amount counts; what is not named is of changes inside a period."""


def bill(lines: Iterable[Line]) -> Bill:
    """The bill that these lines of one subscription make. Of several recurring lines the last one is the cycle's."""
    sums = dict.fromkeys(("prorated", "usage", "one_off", "discount", "tax"), 0)
    recurring: Line | None = None
    for line in lines:
        sums["discount"] += line.discount_amount
        sums["tax"] += line.tax_amount
        if line.kind == LineKind.RECURRING:
            sums["prorated"] += recurring.amount if recurring else 0
            recurring = line
        else:
            sums[_PLACES.get(LineKind(line.kind), "prorated")] += line.amount
    return Bill(
        quantity=Fraction(recurring.quantity if recurring else 0),
        unit_amount=Fraction(recurring.unit_amount or 0 if recurring else 0),
        recurring=recurring.amount if recurring else 0,
        **sums,
    )


def difference(before: Bill, after: Bill) -> dict[Cause, int]:
    """Why `after` is not `before`: exact, the causes sum to the difference of the totals."""
    price, quantity, days = _recurring(before, after)
    return {
        Cause.PRICE: price,
        Cause.QUANTITY: quantity,
        Cause.PRORATION: days + after.prorated - before.prorated,
        Cause.DISCOUNT: before.discount - after.discount,
        Cause.TAX: after.tax - before.tax,
        Cause.USAGE: after.usage - before.usage,
        Cause.ONE_OFF: after.one_off - before.one_off,
    }


def _recurring(before: Bill, after: Bill) -> tuple[int, int, int]:
    """Price at the old quantity, quantity at the new price, both over the old days; the days are what is left.

    One minor unit that is left is the rounding of those two, and no day.
    """
    whole = after.recurring - before.recurring
    over = _share(before) or _share(after)
    price = rounded((after.unit_amount - before.unit_amount) * before.quantity * over)
    quantity = rounded((after.quantity - before.quantity) * after.unit_amount * over)
    days = whole - price - quantity
    if abs(days) == 1 and (price or quantity):
        price, quantity = (price + days, quantity) if price else (price, quantity + days)
        days = 0
    return price, quantity, days


def _share(cycle: Bill) -> Fraction:
    """What of quantity x unit amount was charged: the days', and without tax that is included."""
    full = cycle.quantity * cycle.unit_amount
    return Fraction(cycle.recurring) / full if full else Fraction(0)


@dataclass
class Forecast:
    """Sums of one currency: `last` cycle, `next` one, and why they differ."""

    last: int = 0
    next: int = 0
    causes: dict[Cause, int] = field(default_factory=lambda: dict.fromkeys(Cause, 0))

    def add(self, before: Bill | None, after: Bill | None, otherwise: Cause) -> None:
        """Count one subscription in; without a bill on one of the sides the whole of the other is `otherwise`."""
        self.last += before.total if before else 0
        self.next += after.total if after else 0
        if before is not None and after is not None:
            for cause, amount in difference(before, after).items():
                self.causes[cause] += amount
        else:
            self.causes[otherwise] += (after.total if after else 0) - (before.total if before else 0)


@dataclass(frozen=True)
class Thresholds:
    """When a run is held: None never. `percent` of the last cycle's total, either way, in one currency; `stopped`
    subscriptions that cannot be billed. Runs of fewer than `least` subscriptions never are."""

    percent: Decimal | None = None
    stopped: int | None = None
    least: int = 1

    @property
    def any(self) -> bool:
        """Whether there is one at all: without, nothing is forecast."""
        return self.percent is not None or self.stopped is not None


def beyond(
    thresholds: Thresholds, forecasts: Mapping[str, tuple[int, int]], *, due: int, stopped: int
) -> list[tuple[str, str]]:
    """What of a forecast is beyond the thresholds, as (code, sentence). `forecasts`: currency -> (last, next)."""
    if due < thresholds.least:
        return []
    found = []
    if thresholds.stopped is not None and stopped > thresholds.stopped:
        found.append(("stopped", f"{stopped} cannot be billed; up to {thresholds.stopped} may."))
    for currency, (last, following) in sorted(forecasts.items()):
        limit = thresholds.percent
        if limit is not None and abs(following - last) * 100 > limit * abs(last):
            percent = "from nothing" if not last else f"by {_percent(following - last, last)} %"
            found.append((f"total_{currency}", f"{currency} changes {percent}; {limit.normalize():f} % is allowed."))
    return found


def _percent(change: int, of: int) -> str:
    return f"{rounded(Fraction(change * 1000, abs(of))) / Decimal(10):+f}"
