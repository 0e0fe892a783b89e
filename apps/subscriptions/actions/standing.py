"""The days of a subscription that stand billed: by which lines, given back from a day on, or put back as they were."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from apps.accounts.models import Account
from apps.invoices.models import Line, PendingItem
from apps.invoices.queries import credited_by_notes
from apps.invoices.rules import DraftLine, LineKind
from apps.kernel.ids import uuid7
from apps.kernel.periods import Interval, Period, midnight
from apps.plans import queries as plans
from apps.subscriptions.actions.lines import describe
from apps.subscriptions.models import RECURRING, BilledPeriod, Subscription
from apps.subscriptions.rules.charges import Charge
from apps.subscriptions.rules.proration import Priced, Release, Stretch, releases
from apps.tax.rules import AppliedRate, Behavior


@dataclass(frozen=True)
class ChargedLine:
    """A line that charges days, on an invoice or waiting for one; what a credit of it takes over."""

    priced: Priced
    invoice_id: UUID | None
    plan_version: int | None
    begins: datetime
    ends: datetime
    tax_category: str
    tax_behavior: str
    carried: AppliedRate | None
    source: Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """What stands billed from local day `since` on, in order; `charged`: all lines that ever charged those days."""

    since: date
    rows: Sequence[BilledPeriod]
    charged: Mapping[UUID, ChargedLine]

    def stretches(self) -> list[Stretch]:
        """The rows as the rules of proration take them."""
        return [Stretch(_days(row), self._priced(row)) for row in self.rows]

    def line(self, row: BilledPeriod) -> ChargedLine | None:
        """What charges these days; None where they cost nothing."""
        return self.charged[row.line_id] if row.line_id else None

    @property
    def plan_version_id(self) -> str:
        """The version of the plan under which the last of these days were charged; empty where nothing was."""
        line = self.line(self.rows[-1]) if self.rows else None
        return line.priced.plan_version_id if line else ""

    def _priced(self, row: BilledPeriod) -> Priced | None:
        line = self.line(row)
        return line.priced if line else None


@dataclass(frozen=True)
class GivenBack:
    """The first day given back, the instant it begins, the credits, and the invoices that charged those days."""

    since: date
    begins: datetime
    lines: list[DraftLine]
    reduces: list[UUID]


def standing(subscription: Subscription, since: date) -> Standing:
    """What stands billed from `since` on; three queries, four where lines wait for an invoice."""
    rows = list(
        BilledPeriod.objects.filter(
            subscription=subscription, component=RECURRING, waived=False, days__endswith__gt=since
        )
    )
    ids = {row.line_id for row in rows if row.line_id}
    noted = credited_by_notes(ids)
    charged = {line.pk: _of_line(line, noted.get(line.pk, 0)) for line in Line.objects.filter(pk__in=ids)}
    if waiting := ids - charged.keys():
        items = PendingItem.objects.filter(pk__in=waiting)
        charged |= {item.pk: _of_draft(item.draft_line()) for item in items}
    stands = sorted((row for row in rows if row.released_by is None), key=lambda row: row.days.lower)
    return Standing(since, stands, charged)


def give_back(
    subscription: Subscription, account: Account, found: Standing, *, change_id: UUID, credited: bool = True
) -> GivenBack:
    """Release these days from their first one on, keep what was used billed, and credit the rest unless told not to.

    Inside the caller's unit of work, which has locked account and subscription.
    """
    by_start = {row.days.lower: row for row in found.rows}
    lines = []
    cut = releases(found.stretches(), since=found.since)
    for each in cut:
        row = by_start[each.stretch.days.start]
        _release(row, each, change_id)
        line = found.line(row)
        if credited and line is not None and each.credit:
            lines.append(_credit(subscription, account, each, line, change_id))
    first = cut[0]
    return GivenBack(
        since=first.released.start,
        begins=_begins(first, found.line(by_start[first.stretch.days.start]), account),
        lines=lines,
        # Ids are in order of time. Those that were credited for these days before may still be open.
        reduces=sorted({line.invoice_id for line in found.charged.values() if line.invoice_id}, reverse=True),
    )


def put_back(subscription_ids: Collection[UUID], lines: Iterable[DraftLine | Line], *, by: UUID) -> None:
    """Undo what these lines billed and gave back: their own days are released, those they released stand again.

    `lines` are all of one document, `by` is what undoes it. Inside the caller's unit of work.
    """
    of_lines = list(lines)
    rows = BilledPeriod.objects.filter(subscription_id__in=subscription_ids)
    charges = [line.id for line in of_lines if line.kind != LineKind.PRORATION_CREDIT]
    rows.filter(line_id__in=charges, released_by=None).update(released_by=by)
    changes = {UUID(line.source["change"]) for line in of_lines if "change" in line.source}
    for old in rows.filter(released_by__in=changes) if changes else ():
        overlapping = rows.filter(
            subscription_id=old.subscription_id, component=old.component, days__overlap=old.days, released_by=None
        )
        overlapping.update(released_by=by)
        _stand(old.subscription_id, old.days.lower, old.days.upper, component=old.component, line_id=old.line_id)


def charged_again(lines: Iterable[Line]) -> list[str]:
    """Numbers of the invoices that have charged days which these lines, all of one document, gave back; by number."""
    of_lines = list(lines)
    own, found = {line.pk for line in of_lines}, set[UUID]()
    changes = {UUID(line.source["change"]) for line in of_lines if "change" in line.source}
    subscription_ids = {line.subscription_id for line in of_lines if line.subscription_id}
    rows = BilledPeriod.objects.filter(subscription_id__in=subscription_ids)
    for given_back in rows.filter(released_by__in=changes) if changes else ():
        now = rows.filter(
            subscription_id=given_back.subscription_id, component=given_back.component,
            days__overlap=given_back.days, released_by=None, line_id__isnull=False,
        ).exclude(line_id=given_back.line_id)  # fmt: skip
        found |= {row.line_id for row in now if row.line_id}
    charging = Line.objects.filter(pk__in=found - own, invoice__isnull=False)
    return sorted({str(number) for number in charging.values_list("invoice__number", flat=True)})


def released(subscription_ids: Collection[UUID], line_ids: Collection[UUID], *, by: UUID) -> list[BilledPeriod]:
    """Release the days that these lines bill, and say which they were. Inside the caller's unit of work."""
    rows = list(
        BilledPeriod.objects.filter(subscription_id__in=subscription_ids, line_id__in=line_ids, released_by=None)
    )
    BilledPeriod.objects.filter(pk__in=[row.pk for row in rows]).update(released_by=by)
    return rows


def billed_up_to(subscription: Subscription) -> date | None:
    """The first day after all that stands billed or waived; None where nothing does."""
    rows = BilledPeriod.objects.filter(subscription=subscription, component=RECURRING, released_by=None)
    last = rows.order_by("-days").values_list("days", flat=True).first()
    return last.upper if last else None


def interval_billed(subscription: Subscription) -> Interval | None:
    """The interval under which it was billed last; None if it never was, or cost nothing."""
    last = (
        BilledPeriod.objects.filter(subscription=subscription, component=RECURRING, line_id__isnull=False)
        .order_by("-days", "-id")
        .first()
    )
    line = Line.objects.filter(pk=last.line_id).first() if last and last.line_id else None
    version = line.source.get("plan_version_id") if line else None
    return plans.terms([UUID(version)])[UUID(version)].interval if version else None


def _stand(subscription_id: UUID, start: date, end: date, **more: Any) -> None:
    BilledPeriod.objects.create(subscription_id=subscription_id, days=DateRange(start, end), **more)


def _release(row: BilledPeriod, cut: Release, change_id: UUID) -> None:
    """Release the row, and keep what was used billed by the same line."""
    BilledPeriod.objects.filter(pk=row.pk).update(released_by=change_id)
    if cut.kept:
        _stand(row.subscription_id, cut.kept.start, cut.kept.end, component=row.component, line_id=row.line_id)


def _credit(
    subscription: Subscription, account: Account, cut: Release, line: ChargedLine, change_id: UUID
) -> DraftLine:
    """The opposite of a line for the days given back, under the tax of that day and net of its discount."""
    priced = line.priced
    charge = Charge(cut.released, priced.full, priced.unit_amount, priced.quantity, cut.credit)
    return DraftLine(
        id=uuid7(),
        kind=LineKind.PRORATION_CREDIT,
        description=f"Unused: {describe(charge, str(line.source.get('name') or 'subscription'))}",
        amount=-cut.credit,
        discount_amount=-cut.discount,
        subscription_id=subscription.pk,
        plan_version=line.plan_version,
        period=cut.released,
        instants=(_begins(cut, line, account), line.ends),
        quantity=Decimal(priced.quantity),
        unit_amount=Decimal(priced.unit_amount),
        tax_category=line.tax_category,
        tax_behavior=line.tax_behavior,
        carried=line.carried,
        source={
            **{name: value for name, value in line.source.items() if name != "discounts"},
            "days": cut.released.days,
            "lost_before": cut.lost_before,
            "gross": -cut.credit,
            "reverses": str(priced.line_id),
            "change": str(change_id),
        },
    )


def _begins(cut: Release, line: ChargedLine | None, account: Account) -> datetime:
    """When the days given back begin: as promised where the whole line is, at local midnight of today's zone else."""
    start = midnight(cut.released.start, account.timezone)
    if line is None:
        return start
    return line.begins if cut.released.start == line.priced.days.start else max(start, line.begins)


def _days(row: BilledPeriod) -> Period:
    return Period(row.days.lower, row.days.upper)


def _of_line(line: Line, noted: int) -> ChargedLine:
    """What a line on an invoice charged. Its amounts are net; with inclusive tax the price was gross."""
    if line.period_start is None or line.period_end is None:
        raise ValueError(f"line {line.pk} charges no days")
    tax = line.tax_amount if line.tax_behavior == Behavior.INCLUSIVE else 0
    paid = line.amount - line.discount_amount + tax
    period = Period(line.service_days.lower, line.service_days.upper)
    priced = _priced(line.pk, line.source, period, line.unit_amount or Decimal(0), line.quantity, paid)
    priced = replace(priced, noted=noted)
    return ChargedLine(
        priced=priced,
        invoice_id=line.invoice_id,
        plan_version=line.plan_version,
        begins=line.period_start,
        ends=line.period_end,
        tax_category=line.tax_category,
        tax_behavior=line.tax_behavior,
        carried=AppliedRate(line.tax_jurisdiction, line.tax_name, line.tax_rate, line.tax_category, line.tax_reason),
        source=line.source,
    )


def _of_draft(line: DraftLine) -> ChargedLine:
    """The same of a line that waits: it has no tax yet, and is credited on the same invoice."""
    if line.id is None or line.instants is None or line.period is None:
        raise ValueError("a line that waits knows its days")
    priced = _priced(
        line.id, line.source, line.period, line.unit_amount or Decimal(0), line.quantity,
        line.amount - line.discount_amount,
    )  # fmt: skip
    return ChargedLine(
        priced=priced,
        invoice_id=None,
        plan_version=line.plan_version,
        begins=line.instants[0],
        ends=line.instants[1],
        tax_category=line.tax_category,
        tax_behavior=line.tax_behavior,
        carried=line.carried,
        source=line.source,
    )


def _priced(
    line_id: UUID, source: Mapping[str, Any], days: Period, unit_amount: Decimal, quantity: Decimal, paid: int
) -> Priced:
    start, end = source["full_period"]
    full = Period(date.fromisoformat(start), date.fromisoformat(end))
    undiscounted = Priced(line_id, int(unit_amount), int(quantity), days, full)
    return Priced(
        line_id,
        int(unit_amount),
        int(quantity),
        days,
        full,
        discount=undiscounted.amount(days.days) - paid,
        plan_version_id=str(source.get("plan_version_id", "")),
    )
