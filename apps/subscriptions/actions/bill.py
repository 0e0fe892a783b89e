"""Billing: the invoices of periods that have begun, and the days that they bill. What creation and renewal share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from apps.accounts.models import Account
from apps.events.rules import Lane
from apps.invoices.actions.issue import issue
from apps.invoices.rules import DraftInvoice, DraftLine, Kind, LineKind
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.ids import uuid7
from apps.kernel.transactions import copy_rows
from apps.plans.rules import Terms
from apps.subscriptions.models import RECURRING, BilledPeriod, Subscription
from apps.subscriptions.rules.charges import Billable, Charge, due_periods
from apps.subscriptions.rules.lifecycle import Status

_BILLED = ("id", "created_at", "subscription_id", "component", "days", "line_id", "released_by", "waived")


@dataclass(frozen=True)
class Billing:
    """A subscription and the periods of it that are to be billed, in order."""

    subscription: Subscription
    account: Account
    terms: Terms
    periods: Sequence[Billable]


def begun(
    subscription: Subscription, account: Account, terms: Terms, *, at: datetime, limit: int | None = None
) -> Billing:
    """What has begun by `at` and is not billed yet, at most `limit` periods. Errors: price_missing, amount_too_large"""
    if subscription.next_billing_at is None:
        return Billing(subscription, account, terms, [])
    periods = due_periods(
        day=subscription.billed_to,
        begins=subscription.next_billing_at,
        anchor=subscription.billing_anchor_date,
        interval=terms.interval,
        unit_amount=terms.price(account.currency),
        quantity=subscription.quantity,
        timezone=account.timezone,
        at=at,
        limit=limit,
    )
    return Billing(subscription, account, terms, periods)


def move_on(billing: Billing) -> None:
    """Set the row in memory to where it stands once its periods are billed: no trial any more, the next date known."""
    if not billing.periods:
        return
    subscription, last = billing.subscription, billing.periods[-1]
    subscription.status = Status.ACTIVE
    subscription.billed_to = last.charge.period.end
    subscription.current_period_start, subscription.current_period_end = last.start, last.end
    subscription.next_billing_at = last.end


def bill(billings: Sequence[Billing], *, at: datetime, actor: Actor, lane: Lane) -> list[UUID]:
    """Record all days as billed and issue an invoice for each period that costs something; the ids of the invoices.

    Call it last in the transaction, with accounts locked and subscriptions written: from issue() on the number series
    is locked, and all other issuers wait.
    """
    now = clock.wall()
    rows, drafts = [], []
    for each in billings:
        for period in each.periods:
            days, line_id = period.charge.period, uuid7() if period.charge.amount else None
            if line_id is not None:
                drafts.append(_draft(each, period, line_id))
            days_range = DateRange(days.start, days.end)
            rows.append((uuid7(), now, each.subscription.pk, RECURRING, days_range, line_id, None, False))
    # First, so that a day billed twice is refused while no other issuer waits.
    copy_rows(BilledPeriod._meta.db_table, _BILLED, rows)
    accounts = {each.account.pk: each.account for each in billings}
    issued = issue(drafts, at=at, actor=actor, lane=lane, accounts=accounts)
    return [invoice.invoice_id for invoice in issued]


def charge_line(
    subscription: Subscription, terms: Terms, period: Billable, line_id: UUID, *, kind: LineKind = LineKind.RECURRING
) -> DraftLine:
    """The line of a recurring price for some days, with all that it was computed from."""
    charge = period.charge
    return DraftLine(
        id=line_id,
        kind=kind,
        description=describe(charge, terms),
        amount=charge.amount,
        subscription_id=subscription.pk,
        plan_version=terms.version,
        period=charge.period,
        instants=(period.start, period.end),
        quantity=Decimal(charge.quantity),
        unit_amount=Decimal(charge.unit_amount),
        tax_category=terms.tax_code,
        tax_behavior=terms.tax_behavior,
        source={
            "plan_version_id": str(terms.plan_version_id),
            "days": charge.period.days,
            "full_period": [charge.full.start.isoformat(), charge.full.end.isoformat()],
        },
    )


def describe(charge: Charge, terms: Terms) -> str:
    """What a line says: the plan, how many of it, and of how many days if not of all."""
    text = f"{terms.name} x {charge.quantity}" if charge.quantity > 1 else terms.name
    return f"{text} ({charge.period.days} of {charge.full.days} days)" if charge.is_stub else text


def _draft(billing: Billing, period: Billable, line_id: UUID) -> DraftInvoice:
    """The invoice of one period: a line of the recurring price."""
    subscription = billing.subscription
    return DraftInvoice(
        account_id=subscription.account_id,
        subscription_id=subscription.pk,
        kind=Kind.SUBSCRIPTION,
        currency=billing.account.currency,
        lines=[charge_line(subscription, billing.terms, period, line_id)],
    )
