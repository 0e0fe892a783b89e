"""What a period's usage comes to: charges that go on over changes of plan, what was billed of them before, minimums.

Everything here is cumulative: what is due is what the period has come to by now, less what was billed for it before.
So a pause, late events, corrections and a minimum that usage reaches afterwards are all the same sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from apps.kernel.money import bounded, rounded
from apps.kernel.periods import Period
from apps.plans.rules import Charge
from apps.plans.rules.rating import Kind, Part, Usage, prorated, rate

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True)
class Segment:
    """Days of a period under one plan version; events count from `begins` up to, not including, `ends`.

    `days` is None where it held no whole day: paused on the day it began, say. Nothing is prorated for it then.
    """

    version_id: UUID
    days: Period | None
    begins: datetime
    ends: datetime

    def share(self, full: Period) -> Fraction:
        """Of the full anchored period."""
        return Fraction(self.days.days if self.days else 0, full.days)


@dataclass(frozen=True)
class Run:
    """One charge over segments in a row in which it is counted alike and has equal tiers: one line.

    `parts`: each segment with the charge as that version has it; the first names the run.
    """

    parts: tuple[tuple[Segment, Charge], ...]

    @property
    def key(self) -> tuple[str, datetime]:
        """By which what was billed of it before is known again."""
        segment, charge = self.parts[0]
        return charge.key, segment.begins

    @property
    def charge(self) -> Charge:
        """As it was last."""
        return self.parts[-1][1]

    @property
    def begins(self) -> datetime:
        """Events count from here on."""
        return self.parts[0][0].begins

    @property
    def ends(self) -> datetime:
        """Up to here."""
        return self.parts[-1][0].ends

    def minimum(self, currency: str, full: Period) -> int:
        """What it costs at least, for its days."""
        return prorated((charge.prices[currency].minimum, each.share(full)) for each, charge in self.parts)

    def maximum(self, currency: str, full: Period) -> int | None:
        """What it costs at most, for its days; None where any part of it has none."""
        cut = [(charge.prices[currency].maximum, each.share(full)) for each, charge in self.parts]
        limited = [(most, share) for most, share in cut if most is not None]
        return prorated(limited) if len(limited) == len(cut) else None


@dataclass(frozen=True)
class Billed:
    """What lines that stand have charged before: usage, and what was missing to the minimum, in minor units."""

    usage: int = 0
    minimum: int = 0


@dataclass(frozen=True)
class Due:
    """What is due of a run: amounts in minor units, below zero where it has come to less than was billed.

    `total`: what the run has come to in all, minimum included.
    """

    run: Run
    usage: int
    parts: tuple[Part, ...]
    minimum: int
    total: int


def runs(segments: Sequence[Segment], charges: Mapping[UUID, Sequence[Charge]], currency: str) -> list[Run]:
    """The charges of these segments, in order of time, joined where they go on from one segment to the next."""
    found: list[Run] = []
    going_on: dict[object, int] = {}
    for segment in segments:
        now: dict[object, int] = {}
        for charge in charges.get(segment.version_id, ()):
            sort = _sort(charge, currency)
            index = going_on.get(sort)
            if index is None or sort in now:
                found.append(Run(((segment, charge),)))
                index = len(found) - 1
            else:
                found[index] = replace(found[index], parts=(*found[index].parts, (segment, charge)))
            now[sort] = index
        going_on = now
    return found


def due(run: Run, usages: Sequence[Usage], currency: str, full: Period | None, before: Billed) -> Due:
    """What this usage of the whole run costs, less what was billed before. Errors: amount_too_large (422).

    `full`: the anchored period, by which minimum and maximum are prorated; a trial has none, and neither of them.
    """
    rated = rate(run.charge, currency, usages, maximum=run.maximum(currency, full) if full else None)
    missing = max(0, run.minimum(currency, full) - rated.amount) if full else 0
    parts = rated.parts
    if before.usage:
        parts = (*parts, Part(Kind.BILLED_BEFORE, ZERO, None, ONE, None, -before.usage))
    return Due(
        run=run,
        usage=rated.amount - before.usage,
        parts=parts,
        minimum=missing - before.minimum,
        total=bounded(rated.amount + missing, what="usage line"),
    )


def missing_to_commitment(commitments: Iterable[tuple[int, Segment]], full: Period, *, billed: int, before: int) -> int:
    """What is missing to the plan's commitment for these segments.

    `billed`: price, usage and minimums of the period in all; `before`: what was charged as missing already.
    """
    return max(0, prorated((amount, each.share(full)) for amount, each in commitments) - billed) - before


def discount_back(credit: int, *, off: int, charged: int) -> int:
    """What of the discount `off` goes back with a credit of so much of what was charged, gross: its share."""
    return rounded(Fraction(credit * off, charged)) if charged else 0


def not_billed_yet(usage: int, minimum: int, billed: int) -> int:
    """What usage, or its minimum, has come to beyond what invoices hold of it."""
    return max(usage, minimum) - billed


def days_between(start: date, end: date) -> Period | None:
    """The days from `start` to before `end`, if there are any."""
    return Period(start, end) if start < end else None


def _sort(charge: Charge, currency: str) -> object:
    """Two charges of the same sort go on as one: counted alike, at equal prices; whatever their names and minimums."""
    price = charge.prices[currency]
    return (
        charge.metric, charge.aggregation, charge.unique_by, _frozen(charge.filter), charge.group_by, charge.model,
        charge.package_size, price.tiers, price.fee_per_event, price.per_event_minimum, price.per_event_maximum,
    )  # fmt: skip


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        return tuple(sorted((key, _frozen(each)) for key, each in value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(each) for each in value)
    return value
