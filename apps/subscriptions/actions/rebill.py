"""What a change costs: the days that stand billed against what is wanted of them from now on.

All verbs end here. They set what is agreed; this credits what stands billed otherwise and charges it anew, as the rules
say. Days that stand as wanted are left alone, so a change that is taken back on the same day costs nothing.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings

from apps.accounts.models import Account
from apps.coupons import queries as coupons
from apps.coupons.lines import discounted
from apps.events.rules import Lane
from apps.invoices.actions import pending as waiting_lines
from apps.invoices.rules import DraftInvoice, DraftLine, Kind, LineKind
from apps.kernel.actors import Actor
from apps.kernel.ids import uuid7
from apps.kernel.periods import Interval, anchored, local_date, midnight
from apps.plans import queries as plans
from apps.plans.rules import Terms
from apps.subscriptions.actions.bill import Bill, begun, count_on, drawn_up, move_on, write
from apps.subscriptions.actions.extras import waiting
from apps.subscriptions.actions.lines import charge_line
from apps.subscriptions.actions.metering import Counting, Stopping, count, stop
from apps.subscriptions.actions.portions import Portion
from apps.subscriptions.actions.rating import Rated, rate
from apps.subscriptions.actions.standing import GivenBack, Standing, give_back, standing
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.charges import Billable, charge
from apps.subscriptions.rules.lifecycle import BILLING, Status
from apps.subscriptions.rules.proration import Behavior, first_day, is_billed
from apps.subscriptions.rules.proration import Terms as Agreed


@dataclass
class Rebilled:
    """What is to be written: a bill, and lines that wait: for the next one, or (`invoice_at`) for one of their own."""

    bill: Bill = field(default_factory=Bill)
    waiting: list[DraftLine] = field(default_factory=list)
    invoice_at: datetime | None = None


def rebill(
    subscription: Subscription,
    account: Account,
    terms: Terms,
    *,
    was: Interval,
    behavior: Behavior = Behavior.ALWAYS_INVOICE,
    at: datetime,
) -> Rebilled:
    """Bill `subscription`, as its row in memory now says, under `terms` from today's local day on.

    `was`: its interval until now. With another one a new period begins today, and the anchor moves there. Sets what is
    billed in the row; writes released days, and returns the rest for the caller to write last.
    Errors: price_missing, amount_too_large.
    """
    goes_on = subscription.status in BILLING
    since = first_day(
        today=local_date(at, account.timezone),
        billed_to=subscription.billed_to,
        anchor=subscription.billing_anchor_date,
        interval=was,
    )
    found = standing(subscription, since)
    if found.rows:
        was = _interval(found, subscription, terms, was)
        if goes_on:
            restarts = was != terms.interval
            return _changed(subscription, account, terms, found, restarts=restarts, behavior=behavior, at=at)
        return _ended(subscription, account, found, terms, at=at)
    if not goes_on:
        closing = Bill()
        close_account(closing, subscription, account, terms, stopped(subscription, account, at=at))
        return Rebilled(closing)
    if was != terms.interval and subscription.created_on != since and subscription.status == Status.ACTIVE:
        move_anchor(subscription, subscription.billed_to, today=since)
    billing = begun(subscription, account, terms, at=at)
    usage = count_on([billing])
    move_on(billing)
    return Rebilled(drawn_up([billing], usage) if billing.periods else Bill())


def record(rebilled: Rebilled, account: Account, *, at: datetime, actor: Actor, lane: Lane = Lane.API) -> None:
    """Write what a verb has come to, last in its transaction: lines that wait, then days and invoices."""
    waiting_lines.add(
        [(account, line) for line in rebilled.waiting], at=at, actor=actor, invoice_at=rebilled.invoice_at
    )
    write(rebilled.bill, accounts={account.pk: account}, at=at, actor=actor, lane=lane)


def move_anchor(subscription: Subscription, to: date, *, today: date) -> None:
    """From local day `to` on every boundary is counted from there. Where it was is kept for the rest of the day."""
    if subscription.anchor_moved_on != today:
        subscription.anchor_before = subscription.billing_anchor_date
    subscription.anchor_moved_on, subscription.billing_anchor_date = today, to


def _interval(found: Standing, subscription: Subscription, terms: Terms, was: Interval) -> Interval:
    """The interval by which the days that stand were charged: earlier changes of today may have been undone."""
    charged = found.plan_version_id
    if not charged or charged == str(terms.plan_version_id):
        return terms.interval if charged else was
    version_id = UUID(charged)
    return plans.terms([version_id])[version_id].interval


def _changed(
    subscription: Subscription,
    account: Account,
    terms: Terms,
    found: Standing,
    *,
    restarts: bool,
    behavior: Behavior,
    at: datetime,
) -> Rebilled:
    """Credit the days from today on as they were charged, and charge them as they are agreed now."""
    agreed = Agreed(str(terms.plan_version_id), terms.price(account.currency), subscription.quantity)
    if not restarts:
        full = anchored(subscription.billing_anchor_date, terms.interval, found.since)
        wanted = charge(
            day=max(found.since, found.rows[0].days.lower),
            anchor=subscription.billing_anchor_date,
            interval=terms.interval,
            unit_amount=agreed.unit_amount,
            quantity=agreed.quantity,
            ends_on=subscription.ends_on,
        ).period
        if behavior is Behavior.NONE or is_billed(found.stretches(), agreed, wanted, full):
            return Rebilled()
    change_id: UUID = uuid7()
    credited = not restarts or behavior is not Behavior.NONE
    given = give_back(subscription, account, found, change_id=change_id, credited=credited)
    if restarts:
        move_anchor(subscription, given.since, today=local_date(at, account.timezone))
    period = _anew(subscription, account, agreed, terms, given, restarts=restarts)
    line_id = uuid7() if period.charge.amount else None
    rebilled = Rebilled()
    rebilled.bill.days(subscription, period, line_id)
    charges: list[DraftLine] = []
    if line_id is not None:
        kind = LineKind.RECURRING if restarts else LineKind.PRORATION_CHARGE
        charges = [charge_line(subscription, terms, period, line_id, kind=kind, change_id=change_id)]
    used = _turned(subscription, account, terms, given, period) if restarts else Rated()
    charges += used.lines
    rebilled.bill.usage.append(used)
    attached = coupons.attached([subscription.pk]).get(subscription.pk, []) if charges else []
    charges, uses = discounted(charges, terms.plan_id, attached)
    _now_at(subscription, period, restarts=restarts)
    lines = [*given.lines, *charges]
    if not restarts and behavior is Behavior.CREATE_PRORATIONS:
        rebilled.waiting = lines
    elif not restarts and _at_day_end():
        rebilled.waiting, rebilled.invoice_at = lines, day_end(account, at)
    else:
        reduces = {*given.reduces, *used.reduces}
        _draw_up(rebilled.bill, subscription, account, terms, lines, reduces, uses if restarts else [])
    return rebilled


def _turned(subscription: Subscription, account: Account, terms: Terms, given: GivenBack, period: Billable) -> Rated:
    """Another interval: what is counted of the old period ends here, and its usage is due now."""
    also = sum(int(line.source["gross"]) for line in given.lines)
    due = rate([Portion(subscription, account, given.since, given.begins, also=also)])
    full = period.charge.full
    count([Counting(subscription, account, terms, given.since, given.begins, full, before_ends_on=given.since)])
    return due.get(subscription.pk, Rated())


def _anew(
    subscription: Subscription, account: Account, agreed: Agreed, terms: Terms, given: GivenBack, *, restarts: bool
) -> Billable:
    made = charge(
        day=given.since,
        anchor=subscription.billing_anchor_date,
        interval=terms.interval,
        unit_amount=agreed.unit_amount,
        quantity=agreed.quantity,
        ends_on=subscription.ends_on,
    )
    kept = not restarts and made.period.end == subscription.billed_to
    ends = subscription.current_period_end if kept else midnight(made.period.end, account.timezone)
    return Billable(made, given.begins, max(ends, given.begins))


def _now_at(subscription: Subscription, period: Billable, *, restarts: bool) -> None:
    """Set the row in memory to the end of what is billed now."""
    subscription.billed_to = period.charge.period.end
    subscription.current_period_end = subscription.next_billing_at = period.end
    if restarts:
        subscription.current_period_start = period.start


def _ended(subscription: Subscription, account: Account, found: Standing, terms: Terms, *, at: datetime) -> Rebilled:
    """Credit all days from today on: paused, or cancelled."""
    given = give_back(subscription, account, found, change_id=uuid7())
    subscription.billed_to = given.since
    rebilled = Rebilled()
    also = sum(int(line.source["gross"]) for line in given.lines)
    used = stopped(subscription, account, at=at, also=also)
    lines, uses = _with_usage(subscription, terms, given.lines, used)
    rebilled.bill.usage.append(used)
    if lines and _at_day_end():
        rebilled.waiting, rebilled.invoice_at = lines, day_end(account, at)
        return rebilled
    _draw_up(rebilled.bill, subscription, account, terms, lines, {*given.reduces, *used.reduces}, uses)
    return rebilled


def stopped(subscription: Subscription, account: Account, *, at: datetime, also: int = 0) -> Rated:
    """Usage is counted up to this instant; what has become due of it. A trial that ends bills nothing."""
    today = local_date(at, account.timezone)
    settles = subscription.status != Status.PAUSED
    due = rate([Portion(subscription, account, today, at, settles=settles, also=also)])
    stop([Stopping(subscription, account, today, at)])
    return due.get(subscription.pk, Rated())


def _with_usage(
    subscription: Subscription, terms: Terms, lines: list[DraftLine], used: Rated
) -> tuple[list[DraftLine], list[tuple[UUID, int]]]:
    if not used.lines:
        return lines, []
    attached = coupons.attached([subscription.pk]).get(subscription.pk, [])
    discounted_ones, uses = discounted(used.lines, terms.plan_id, attached)
    return [*lines, *discounted_ones], uses


def _at_day_end() -> bool:
    return bool(settings.BILLING_PRORATION_INVOICE_AT == "day_end")


def day_end(account: Account, at: datetime) -> datetime:
    """The account's next local midnight, when the changes of this day are invoiced as one where that is wanted."""
    return midnight(local_date(at, account.timezone) + timedelta(days=1), account.timezone)


def close_account(
    bill: Bill, subscription: Subscription, account: Account, terms: Terms, used: Rated | None = None
) -> None:
    """What still waits for an invoice of a subscription that has ended, with what has become due of its usage."""
    if used is None:
        _draw_up(bill, subscription, account, terms, [], set(), [])
        return
    lines, uses = _with_usage(subscription, terms, [], used)
    if used not in bill.usage:
        bill.usage.append(used)
    _draw_up(bill, subscription, account, terms, lines, used.reduces, uses)


def _draw_up(
    bill: Bill,
    subscription: Subscription,
    account: Account,
    terms: Terms,
    lines: list[DraftLine],
    reduces: set[UUID],
    uses: list[tuple[UUID, int]],
) -> None:
    """One invoice of these lines and of those that have waited; none where nothing is to pay or to credit."""
    taken = waiting([subscription]).take(account.pk, subscription.pk)
    if not lines and not taken.lines:
        return
    bill.invoice(
        DraftInvoice(
            account_id=account.pk,
            subscription_id=subscription.pk,
            kind=Kind.PRORATION,
            currency=account.currency,
            lines=[*taken.lines, *lines],
            reduces=sorted({*reduces, *taken.reduces}, reverse=True),
        ),
        uses,
        waited=taken.ids,
    )
