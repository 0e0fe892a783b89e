"""Billing: the invoices of periods that have begun, and the days that they bill. What every verb ends in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from apps.accounts.models import Account
from apps.accounts.rules import InvoiceGrouping
from apps.coupons import actions as coupon_actions
from apps.coupons.lines import discounted
from apps.events.rules import Lane
from apps.invoices.actions import pending as waiting_lines
from apps.invoices.actions.issue import issue
from apps.invoices.rules import DraftInvoice, Kind, LineKind
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.ids import uuid7
from apps.kernel.transactions import copy_rows
from apps.plans import queries as plans
from apps.plans.rules import Terms
from apps.subscriptions import usage_queries as queries
from apps.subscriptions.actions.extras import Extras, after, extras
from apps.subscriptions.actions.lines import charge_line
from apps.subscriptions.actions.metering import Counting, count, metered
from apps.subscriptions.actions.portions import Portion
from apps.subscriptions.actions.rating import Rated, rate, write_bills
from apps.subscriptions.models import RECURRING, BilledPeriod, Subscription
from apps.subscriptions.rules.charges import Billable, due_periods
from apps.subscriptions.rules.lifecycle import Status

_BILLED = ("id", "created_at", "subscription_id", "component", "days", "line_id", "released_by", "waived")


NO_USAGE: Mapping[UUID, Rated] = {}
NOTHING_USED = Rated()


@dataclass(frozen=True)
class Billing:
    """A subscription and what is to be billed of it: periods that have begun, in order, each by an invoice of its own.

    `resumed`: the first of them is the rest of a period that a pause has cut.
    """

    subscription: Subscription
    account: Account
    terms: Terms
    periods: Sequence[Billable]
    resumed: bool = False


@dataclass
class Bill:
    """What is to be written: days as billed, invoices, and what coupons give to them."""

    rows: list[tuple[object, ...]] = field(default_factory=list)
    drafts: list[DraftInvoice] = field(default_factory=list)
    uses: list[coupon_actions.NewUse] = field(default_factory=list)
    waited: dict[UUID, UUID] = field(default_factory=dict)
    """A line that waited -> the invoice that it waited for."""
    usage: list[Rated] = field(default_factory=list)
    """What is billed of usage."""

    def days(self, subscription: Subscription, period: Billable, line_id: UUID | None) -> None:
        """These days are billed by that line; by none where they cost nothing."""
        days = period.charge.period
        self.rows.append((
            uuid7(), clock.wall(), subscription.id, RECURRING, DateRange(days.start, days.end), line_id, None, False,
        ))  # fmt: skip

    def invoice(
        self, draft: DraftInvoice, given: Iterable[tuple[UUID, int]] = (), *, waited: Iterable[UUID] = ()
    ) -> None:
        """One more invoice, with what each attached coupon gives to it, and which of its lines have waited."""
        invoice_id: UUID = draft.id or uuid7()
        self.drafts.append(draft if draft.id else replace(draft, id=invoice_id))
        self.uses += [coupon_actions.NewUse(attached, invoice_id, amount) for attached, amount in given]
        self.waited |= dict.fromkeys(waited, invoice_id)


def begun(
    subscription: Subscription,
    account: Account,
    terms: Terms,
    *,
    at: datetime,
    limit: int | None = None,
    resumed: bool = False,
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
        ends_on=subscription.ends_on,
    )
    return Billing(subscription, account, terms, periods, resumed)


def count_on(billings: Sequence[Billing]) -> dict[UUID, Rated]:
    """Close what usage was counted up to the first of these periods, and count on in the last; what has become due."""
    begun_ones = {each.subscription.id: each for each in billings if each.periods}
    if not begun_ones:
        return {}
    until = min(each.periods[0].charge.period.start for each in begun_ones.values())
    counted = queries.terms_of(begun_ones, until=until)
    closing = [begun_ones[pk] for pk in counted]
    due = rate([
        Portion(each.subscription, each.account, each.periods[0].charge.period.start, each.periods[0].start)
        for each in closing
    ], counted)  # fmt: skip
    going_on = {pk for pk, rows in counted.items() if not rows[-1].stops}
    charges = plans.charges({each.terms.plan_version_id for each in begun_ones.values()})
    concerned = [each for pk, each in begun_ones.items() if pk in going_on or metered(each.terms, charges)]
    count([counting(each) for each in concerned], going_on, charges)
    return due


def counting(billing: Billing) -> Counting:
    """How usage is counted in the last of its periods."""
    first, last = billing.periods[0], billing.periods[-1]
    return Counting(
        billing.subscription,
        billing.account,
        billing.terms,
        since_on=last.charge.period.start,
        since_at=last.start,
        period=last.charge.full,
        before_ends_on=first.charge.period.start,
    )


def move_on(billing: Billing) -> None:
    """Set the row in memory to where it stands once its periods are billed: no trial any more, the next date known."""
    if not billing.periods:
        return
    subscription, last = billing.subscription, billing.periods[-1]
    subscription.status = Status.ACTIVE
    subscription.billed_to = last.charge.period.end
    subscription.current_period_start, subscription.current_period_end = last.start, last.end
    subscription.next_billing_at = last.end


def drawn_up(billings: Sequence[Billing], usage: Mapping[UUID, Rated] = NO_USAGE, extra: Extras | None = None) -> Bill:
    """The invoices of all these periods, with what coupons and waiting lines add.

    `usage`: what has become due of each subscription's usage; it goes on the first invoice of its. With `extra` at hand
    the database is asked nothing.
    """
    extra = extra or extras([each.subscription for each in billings])
    bill = Bill(usage=list(usage.values()))
    for each in billings:
        used = usage.get(each.subscription.id, NOTHING_USED)
        coupons_left = list(extra.attached.get(each.subscription.id, ()))
        for index, period in enumerate(each.periods):
            line_id = uuid7() if period.charge.amount else None
            bill.days(each.subscription, period, line_id)
            lines = []
            if line_id is not None:
                cut = each.resumed and not index and period.charge.is_stub
                kind = LineKind.PRORATION_CHARGE if cut else LineKind.RECURRING
                lines = [charge_line(each.subscription, each.terms, period, line_id, kind=kind)]
            lines += () if index else used.lines
            lines, given = discounted(lines, each.terms.plan_id, coupons_left)
            coupons_left = after(coupons_left, given)
            found = extra.pending.take(each.account.id, each.subscription.id)
            if lines or found.lines:
                draft = DraftInvoice(
                    id=uuid7(),
                    account_id=each.account.id,
                    subscription_id=each.subscription.id,
                    kind=Kind.SUBSCRIPTION,
                    currency=each.account.currency,
                    lines=[*lines, *found.lines],
                    reduces=sorted({*found.reduces, *used.reduces}, reverse=True),
                )
                bill.invoice(draft, given, waited=found.ids)
    return bill


def grouped(drafts: Sequence[DraftInvoice], accounts: Mapping[UUID, Account]) -> list[DraftInvoice]:
    """The same with one invoice an account where the account wants that: what falls due on one day is one invoice."""
    found: dict[UUID, list[DraftInvoice]] = {}
    for draft in drafts:
        by_account = accounts[draft.account_id].invoice_grouping == InvoiceGrouping.ACCOUNT
        key = draft.account_id if by_account else draft.id or uuid7()
        found.setdefault(key, []).append(draft)
    return [_merged(group) for group in found.values()]


def _merged(group: Sequence[DraftInvoice]) -> DraftInvoice:
    if len(group) == 1:
        return group[0]
    return replace(
        group[0],
        subscription_id=None,
        lines=[line for draft in group for line in draft.lines],
        reduces=sorted({invoice for draft in group for invoice in draft.reduces}, reverse=True),
    )


def write(
    bill: Bill, *, accounts: Mapping[UUID, Account], at: datetime, actor: Actor, lane: Lane, by_account: bool = False
) -> list[UUID]:
    """Record the days as billed and issue the invoices; their ids, in order.

    Call it last in the transaction, with accounts locked and subscriptions written: from issue() on the number series
    is locked, and all other issuers wait.
    """
    # First, so that a day billed twice is refused while no other issuer waits.
    copy_rows(BilledPeriod._meta.db_table, _BILLED, bill.rows)
    drafts = grouped(bill.drafts, accounts) if by_account else bill.drafts
    became = _became(bill.drafts, drafts)
    coupon_actions.record_uses(
        [replace(use, invoice_id=became.get(use.invoice_id, use.invoice_id)) for use in bill.uses], at=at
    )
    write_bills(bill.usage)
    waiting_lines.billed({item: became.get(invoice, invoice) for item, invoice in bill.waited.items()})
    issued = issue(drafts, at=at, actor=actor, lane=lane, accounts=accounts)
    return [invoice.invoice_id for invoice in issued]


def _became(before: Sequence[DraftInvoice], after: Sequence[DraftInvoice]) -> dict[UUID | None, UUID]:
    """Where an invoice was merged into that of its account: its id -> that one's."""
    if len(before) == len(after):
        return {}
    whole = {draft.account_id: draft.id for draft in after if draft.subscription_id is None and draft.id}
    return {draft.id: whole[draft.account_id] for draft in before if draft.account_id in whole}
