"""How monthly recurring revenue moved: by month or local day and currency. One statement, whatever the period.

What is paid at the end of a step is what was paid at its beginning, and new, reactivation, expansion less contraction
and churn; the end of one is the beginning of the next. An account whose last subscription ends or pauses churns, and
is reactivated when it pays again.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import connection

from apps.analytics.periods import Period
from apps.analytics.recovery import share
from apps.analytics.rules import Movement, shown
from apps.kernel.money import rounded

_STATEMENT = """
SELECT CASE WHEN local_date >= %(first)s THEN date_trunc(%(interval)s, local_date::timestamp)::date END,
       currency, kind, involuntary, sum(amount), count(*)
FROM analytics_mrrmovement
WHERE {clock} AND local_date <= %(last)s AND (%(currency)s = '' OR currency = %(currency)s)
GROUP BY 1, 2, 3, 4
"""
_ROWS = """
SELECT at, local_date, account_id, currency, kind, involuntary, amount, level FROM analytics_mrrmovement
WHERE {clock} AND local_date BETWEEN %(first)s AND %(last)s AND (%(currency)s = '' OR currency = %(currency)s)
ORDER BY id
"""
_PARTS = (
    (Movement.NEW, False), (Movement.REACTIVATION, False), (Movement.EXPANSION, False),
    (Movement.CONTRACTION, False), (Movement.CONTRACTION, True), (Movement.CHURN, False), (Movement.CHURN, True),
)  # fmt: skip
"""Each kind, and whether it was involuntary."""

Part = tuple[str, bool]


@dataclass(frozen=True)
class Step:
    """A month or day of one currency: what was paid at its beginning, what changed it, how many pay.

    Amounts are minor units, each rounded so that they add up; `amounts` of what fell are below zero. `customers` and
    `counts`: accounts at its beginning, and how many moved, by kind and whether involuntarily.
    """

    name: str
    currency: str
    opening: int
    amounts: dict[Part, int]
    closing: int
    customers: int
    counts: dict[Part, int]

    def amount(self, kind: Movement, *, involuntary: bool | None = None) -> int:
        """What moved by this kind, zero or more; of both sorts unless one is asked for."""
        return abs(sum(self.amounts.get(part, 0) for part in _parts(kind, involuntary=involuntary)))

    def count(self, kind: Movement, *, involuntary: bool | None = None) -> int:
        """How many accounts moved so."""
        return sum(self.counts.get(part, 0) for part in _parts(kind, involuntary=involuntary))

    @property
    def closing_customers(self) -> int:
        """Accounts that pay at its end."""
        begun = self.count(Movement.NEW) + self.count(Movement.REACTIVATION)
        return self.customers + begun - self.count(Movement.CHURN)

    @property
    def churn_rate(self) -> Decimal:
        """Of the customers at its beginning those who no longer pay: 0 or more, four digits."""
        return share(self.count(Movement.CHURN), self.customers)


@dataclass(frozen=True)
class Lifetime:
    """What a customer of one currency is worth, by the months of a period."""

    currency: str
    customers: int
    monthly: int
    average: int
    churn_rate: Decimal
    months: Decimal | None
    value: int | None


def movements(period: Period) -> list[Step]:
    """Each step of each currency from its first movement on, the newest first, then by currency."""
    sums: defaultdict[tuple[str, date | None], dict[Part, tuple[Decimal, int]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT.format(clock=_clock(period.clock_id)), _asked(period))
        for step, currency, kind, involuntary, amount, count in cursor.fetchall():
            sums[currency, step][kind, involuntary] = (amount, count)
    found = [
        step for currency in sorted({code for code, _ in sums}) for step in _steps(period, currency, sums)
    ]  # fmt: skip
    return sorted(found, key=lambda step: step.name, reverse=True)


def lifetimes(period: Period) -> list[Lifetime]:
    """By currency: average revenue of a customer at the end, over the share of customers that churned a month.

    Nothing is said of how long they stay where none churned.
    """
    by_currency: dict[str, list[Step]] = {}
    for step in movements(period):
        by_currency.setdefault(step.currency, []).append(step)
    return [_lifetime(steps) for _, steps in sorted(by_currency.items())]


def rows(period: Period) -> Iterator[tuple[object, ...]]:
    """The movements themselves, the oldest first, as they are stored; read as they are asked for."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_ROWS.format(clock=_clock(period.clock_id)), _asked(period))
        yield from cursor


def _steps(
    period: Period, currency: str, sums: defaultdict[tuple[str, date | None], dict[Part, tuple[Decimal, int]]]
) -> Iterator[Step]:
    before = sums[currency, None]
    level = sum((amount for amount, _ in before.values()), Decimal(0))
    counts = {part: count for part, (_, count) in before.items()}
    customers = Step("", currency, 0, {}, 0, 0, counts).closing_customers
    begun = bool(before)
    for step in period.steps():
        moved = sums[currency, step]
        begun = begun or bool(moved)
        if not begun:
            continue
        parts = [moved.get(part, (Decimal(0), 0)) for part in _PARTS]
        opening, amounts, closing = shown(level, [amount for amount, _ in parts])
        counts = {part: count for part, (_, count) in zip(_PARTS, parts, strict=True)}
        found = Step(
            period.named(step), currency, opening, dict(zip(_PARTS, amounts, strict=True)), closing, customers, counts
        )
        yield found
        level = sum((amount for amount, _ in parts), level)
        customers = found.closing_customers


def _lifetime(steps: list[Step]) -> Lifetime:
    newest = steps[0]
    customers = newest.closing_customers
    churned, stayed = sum(step.count(Movement.CHURN) for step in steps), sum(step.customers for step in steps)
    known = bool(churned and stayed)
    return Lifetime(
        currency=newest.currency,
        customers=customers,
        monthly=newest.closing,
        average=rounded(Fraction(newest.closing, customers)) if customers else 0,
        churn_rate=share(churned, stayed),
        months=round(Decimal(stayed) / churned, 1) if known else None,
        value=rounded(Fraction(newest.closing * stayed, customers * churned)) if known and customers else None,
    )


def _parts(kind: Movement, *, involuntary: bool | None) -> list[Part]:
    return [part for part in _PARTS if part[0] == kind and involuntary in (None, part[1])]


def _clock(clock_id: UUID | None) -> str:
    return "test_clock_id IS NULL" if clock_id is None else "test_clock_id = %(clock)s"


def _asked(period: Period) -> dict[str, Any]:
    return {
        "first": period.first, "last": period.last, "interval": period.interval.value, "currency": period.currency,
        "clock": period.clock_id,
    }  # fmt: skip
