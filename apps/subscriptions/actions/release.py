"""Days given back: their rows released, what stays billed written anew, and the lines that credit them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from apps.accounts.models import Account
from apps.invoices.models import Line
from apps.invoices.rules import DraftInvoice, DraftLine, Kind, LineKind
from apps.kernel.ids import uuid7
from apps.kernel.periods import Period, local_date, midnight
from apps.plans.rules import Terms
from apps.subscriptions.actions.bill import describe
from apps.subscriptions.models import RECURRING, BilledPeriod, Subscription
from apps.subscriptions.rules.charges import Charge
from apps.subscriptions.rules.proration import Priced, Release, Stretch, first_day, releases
from apps.tax.rules import AppliedRate


@dataclass(frozen=True)
class Released:
    """The first day given back, the instant it begins, the credits, and the invoices that charged those days."""

    since: date
    begins: datetime
    lines: list[DraftLine]
    reduces: list[UUID]


def release(subscription: Subscription, account: Account, terms: Terms, *, at: datetime) -> Released | None:
    """Give back the billed days from the local day of `at` on; None where none are billed.

    Inside the caller's unit of work, which has locked account and subscription.
    """
    since = first_day(
        today=local_date(at, account.timezone),
        billed_to=subscription.billed_to,
        anchor=subscription.billing_anchor_date,
        interval=terms.interval,
    )
    rows = list(
        BilledPeriod.objects.filter(
            subscription=subscription, component=RECURRING, waived=False, days__endswith__gt=since
        )
    )
    standing = {row.days.lower: row for row in rows if row.released_by is None}
    if not standing:
        return None
    charged = Line.objects.in_bulk({row.line_id for row in rows if row.line_id})
    cut = releases([_stretch(row, charged) for row in standing.values()], since=since)
    lines = []
    for each in cut:
        row, credit_id = standing[each.stretch.days.start], uuid7()
        _replace(row, each, credit_id)
        if each.credit and row.line_id:
            lines.append(_credit(subscription, account, terms, each, charged[row.line_id], credit_id))
    first = cut[0]
    return Released(
        since=first.released.start,
        begins=_begins(first, charged.get(standing[first.stretch.days.start].line_id), account),
        lines=lines,
        # Ids are in order of time. Those that were credited for these days before may still be open.
        reduces=sorted({line.invoice_id for line in charged.values()}, reverse=True),
    )


def proration(
    subscription: Subscription, account: Account, lines: Sequence[DraftLine], reduces: Sequence[UUID]
) -> list[DraftInvoice]:
    """The invoice of a change: none where nothing is to pay or to credit."""
    if not lines:
        return []
    return [
        DraftInvoice(
            account_id=account.pk,
            subscription_id=subscription.pk,
            kind=Kind.PRORATION,
            currency=account.currency,
            lines=lines,
            reduces=reduces,
        )
    ]


def _stretch(row: BilledPeriod, charged: Mapping[UUID, Line]) -> Stretch:
    """What the row bills, from the line itself: a plan may have other terms today."""
    days = Period(row.days.lower, row.days.upper)
    if row.line_id is None:
        return Stretch(days, None)
    line = charged[row.line_id]
    start, end = line.source["full_period"]
    priced = Priced(
        line_id=line.pk,
        unit_amount=int(line.unit_amount or 0),
        quantity=int(line.quantity),
        days=Period(line.service_days.lower, line.service_days.upper),
        full=Period(date.fromisoformat(start), date.fromisoformat(end)),
    )
    return Stretch(days, priced)


def _replace(row: BilledPeriod, cut: Release, credit_id: UUID) -> None:
    """Release the row, and keep what was used billed by the same line."""
    BilledPeriod.objects.filter(pk=row.pk).update(released_by=credit_id)
    if cut.kept:
        BilledPeriod.objects.create(
            subscription_id=row.subscription_id,
            component=row.component,
            days=DateRange(cut.kept.start, cut.kept.end),
            line_id=row.line_id,
        )


def _credit(
    subscription: Subscription, account: Account, terms: Terms, cut: Release, line: Line, credit_id: UUID
) -> DraftLine:
    """The opposite of `line` for the days given back, under the tax of that day."""
    priced = cut.stretch.charged
    if priced is None or line.period_end is None:
        raise ValueError("a credit reverses a line that charged days")
    charge = Charge(cut.released, priced.full, priced.unit_amount, priced.quantity, cut.credit)
    return DraftLine(
        id=credit_id,
        kind=LineKind.PRORATION_CREDIT,
        description=f"Unused: {describe(charge, terms)}",
        amount=-cut.credit,
        subscription_id=subscription.pk,
        plan_version=line.plan_version,
        period=cut.released,
        instants=(_begins(cut, line, account), line.period_end),
        quantity=Decimal(priced.quantity),
        unit_amount=Decimal(priced.unit_amount),
        tax_category=line.tax_category,
        tax_behavior=line.tax_behavior,
        carried=AppliedRate(line.tax_jurisdiction, line.tax_name, line.tax_rate, line.tax_category, line.tax_reason),
        source={**line.source, "days": cut.released.days, "reverses": str(line.pk)},
    )


def _begins(cut: Release, line: Line | None, account: Account) -> datetime:
    """When the days given back begin: as promised where the whole line is, at local midnight of today's zone else."""
    start = midnight(cut.released.start, account.timezone)
    if line is None or line.period_start is None:
        return start
    return line.period_start if cut.released.start == line.service_days.lower else max(start, line.period_start)
