"""Several changes on one local day end as one: what the earlier ones billed today is undone before the next is billed.

The billed days then are those of the start of the day. What somebody has begun to pay stands; the change is then billed
against what it left.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from apps.accounts.models import Account
from apps.coupons import actions as coupons
from apps.events.rules import Lane
from apps.invoices import queries as invoices
from apps.invoices.actions import pending
from apps.invoices.actions.void import void
from apps.invoices.models import Line
from apps.invoices.rules import Kind, LineKind
from apps.kernel.actors import Actor
from apps.kernel.periods import anchored, local_date, midnight
from apps.plans.rules import Terms
from apps.subscriptions.actions.metering import undo
from apps.subscriptions.actions.standing import put_back
from apps.subscriptions.models import RECURRING, BilledPeriod, Subscription

SUPERSEDED = "superseded"
KINDS = (Kind.SUBSCRIPTION, Kind.PRORATION)
OWN_KINDS = {
    LineKind.RECURRING, LineKind.PRORATION_CREDIT, LineKind.PRORATION_CHARGE, LineKind.CREDIT_TO_BALANCE,
}  # fmt: skip
USED = {LineKind.USAGE, LineKind.MINIMUM}
"""Lines of the period that ended today; they are made again with it."""


def supersede(subscription: Subscription, account: Account, terms: Terms, *, at: datetime, actor: Actor) -> None:
    """Undo today's invoices of this subscription alone that nobody has begun to pay, and set the row in memory back.

    `terms`: as agreed until now. Inside the caller's unit of work, which has locked account and subscription.
    """
    today = local_date(at, account.timezone)
    undone = _undo_waiting(subscription, today, account, at=at)
    undone |= _undo_invoices(subscription, today, at=at, actor=actor)
    if not undone:
        return
    if subscription.anchor_moved_on == today and subscription.anchor_before is not None:
        subscription.billing_anchor_date = subscription.anchor_before
        subscription.anchor_moved_on = subscription.anchor_before = None
    set_back(subscription, account, terms)


def set_back(subscription: Subscription, account: Account, terms: Terms) -> None:
    """Let the row in memory say what stands billed: up to which day, and which period that is."""
    last = (
        BilledPeriod.objects.filter(subscription=subscription, component=RECURRING, released_by=None)
        .order_by("-days")
        .first()
    )
    first = subscription.trial_end_date or subscription.start_date
    subscription.billed_to = last.days.upper if last else first
    line = Line.objects.filter(pk=last.line_id).first() if last and last.line_id else None
    promised = line.period_end if line and line.service_days.upper == subscription.billed_to else None
    ends = promised or midnight(subscription.billed_to, account.timezone)
    subscription.current_period_end = ends
    if subscription.next_billing_at is not None:
        subscription.next_billing_at = ends
    if last is None or last.waived:
        subscription.current_period_start = midnight(subscription.start_date, account.timezone)
        return
    full = anchored(subscription.billing_anchor_date, terms.interval, date.fromordinal(last.days.upper.toordinal() - 1))
    begun = max(full.start, first)
    starts = line.period_start if line and line.service_days.lower == begun else None
    subscription.current_period_start = starts or midnight(begun, account.timezone)


def _undo_invoices(subscription: Subscription, today: date, *, at: datetime, actor: Actor) -> bool:
    """Void them, the newest first, up to the first that has to stand; whether there was any."""
    undone: list[UUID] = []
    for invoice in invoices.superseded_candidates([subscription.pk], today):
        lines = list(Line.objects.filter(invoice_id=invoice.pk))
        # One for several subscriptions stands too: the others have not changed.
        alone = invoice.subscription_id == subscription.pk and invoice.kind in KINDS
        if not invoice.untouched or not alone or not _of_today(lines, subscription, today):
            break
        void([invoice.pk], reason=SUPERSEDED, at=at, actor=actor, lane=Lane.API)
        put_back([subscription.pk], lines, by=invoice.pk)
        undo(subscription.pk, [line.pk for line in lines if line.kind in USED], by=invoice.pk)
        undone.append(invoice.pk)
    coupons.give_back(undone, at=at)
    return bool(undone)


def _of_today(lines: Sequence[Line], subscription: Subscription, today: date) -> bool:
    """Whether it bills days from today on; one made late, of days before, stands. On its first day nothing does."""
    of_days = [line for line in lines if line.kind not in USED]
    if not of_days or not {LineKind(line.kind) for line in of_days} <= OWN_KINDS:
        return False  # what waited for it would be lost
    if subscription.created_on == today:
        return True
    return all(line.service_days is None or line.service_days.lower >= today for line in of_days)


def _undo_waiting(subscription: Subscription, today: date, account: Account, *, at: datetime) -> bool:
    """Take back the lines of today that still wait for an invoice; whether there was any."""
    found = invoices.pending([account.pk], [subscription.pk]).get((account.pk, subscription.pk), [])
    items = [item for item in found if "change" in item.draft_line().source and _day(item.at, account) == today]
    if not items:
        return False
    lines = [item.draft_line() for item in items]
    pending.remove([item.pk for item in items], at=at)
    put_back([subscription.pk], lines, by=uuid5(subscription.pk, lines[0].source["change"]))
    return True


def _day(instant: datetime, account: Account) -> date:
    return local_date(instant, account.timezone)
