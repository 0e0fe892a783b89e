"""Usage that came after its period was closed, or was corrected since: rated again, and the difference invoiced.

One invoice for a subscription and local day, after that day. What a period that still goes on has come to is left to
its renewal, which rates all of it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.models import Account
from apps.clocks.queries import now_by_clock
from apps.coupons import queries as coupons
from apps.coupons.lines import discounted
from apps.events.rules import Lane
from apps.invoices.rules import DraftInvoice, DraftLine, Kind
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.periods import Period, local_date, midnight
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.subscriptions import queries, usage_queries
from apps.subscriptions.actions import thresholds
from apps.subscriptions.actions.bill import Bill, write
from apps.subscriptions.actions.portions import Portion
from apps.subscriptions.actions.rating import rate
from apps.subscriptions.models import Subscription, UsageRecount, UsageSweep, UsageTerms
from apps.subscriptions.rules.lifecycle import Status
from apps.usage.queries import arrivals, watermarks
from apps.usage.rules.watermark import Watermark

NO_MARK: Mapping[str, object] = {}
FORGOTTEN_AT_ONCE = 1000
EVERY = timedelta(minutes=1)
"""So often beat looks for late events; a test clock looks at each of its steps."""


def sweep(*, actor: Actor, often: bool = False) -> int:
    """Look at what has come since the last time, and note which closed times are to be rated again; how many.

    And, of all times, where thresholds are to be compared.
    """
    now = clock.wall()
    with unit_of_work(actor):
        held = UsageSweep.objects.select_for_update(skip_locked=True).first()
        if held is None:
            # The first time there is nothing that could have come late.
            if not UsageSweep.objects.exists():
                UsageSweep.objects.get_or_create(
                    defaults={"watermark": str(watermarks.current()), "swept_at": now}, id=1
                )
            return 0
        if not often and held.swept_at + EVERY > now:
            return 0
        found = arrivals.since(Watermark.read(held.watermark))
        noted = _noted([each for each in found.windows if each.ends_at is not None], now)
        thresholds.note(found.windows)
        held.watermark, held.swept_at = str(found.watermark), now
        held.save(update_fields=["watermark", "swept_at"])
        return noted


def bill_late(*, subscription_id: UUID, at: datetime, actor: Actor) -> int:
    """Rate again what is noted of this subscription and due by `at`; how many notes that were.

    Errors: subscription_not_found (404), amount_too_large.
    """
    with unit_of_work(actor):
        account, subscription = queries.lock_one(subscription_id)
        notes = list(UsageRecount.objects.filter(subscription=subscription, done_at=None, due_at__lte=at))
        if not notes:
            return 0
        terms = list(UsageTerms.objects.filter(subscription=subscription).order_by("since_at", "stops"))
        periods = {found for note in notes if (found := over(terms, note.starts_at)) is not None}
        bill = again(subscription, account, periods)
        UsageRecount.objects.filter(pk__in=[note.pk for note in notes]).update(done_at=at)
        write(bill, accounts={account.pk: account}, at=at, actor=actor, lane=Lane.RUN)
        return len(notes)


def forget_recounts(*, at: datetime, actor: Actor) -> int:
    """Forget notes that were done two years ago, some at a time; how many."""
    with unit_of_work(actor):
        return UsageRecount.objects.filter(pk__in=usage_queries.old_recounts(at)[:FORGOTTEN_AT_ONCE]).delete()[0]


def again(
    subscription: Subscription, account: Account, periods: Collection[Period], mark: Mapping[str, object] = NO_MARK
) -> Bill:
    """What these closed periods have come to by now beyond what was billed of them, on one supplemental invoice.

    `mark`: what the lines say of themselves beside that. Errors: amount_too_large.
    """
    bill, lines, reduces = Bill(), list[DraftLine](), set[UUID]()
    for full in sorted(periods):
        closed = usage_queries.closed_at(subscription.pk, full)
        if closed is None:
            continue
        # Of a period that a pause has cut it is not known yet what is missing to the commitment.
        settles = subscription.status != Status.PAUSED or closed[0] == full.end
        for due in rate([Portion(subscription, account, *closed, settles=settles, only=full)]).values():
            bill.usage.append(due)
            lines += [replace(line, source={**line.source, **mark}) for line in due.lines] if mark else due.lines
            reduces |= due.reduces
    if lines:
        _draw_up(bill, subscription, account, lines, reduces)
    return bill


def _noted(windows: Sequence[arrivals.Touched], now: datetime) -> int:
    rows = Subscription.objects.select_related("account").in_bulk({each.subscription_id for each in windows})
    times = now_by_clock({each.account.test_clock_id for each in rows.values()} - {None})
    notes = []
    for window in windows:
        if (subscription := rows.get(window.subscription_id)) is None:
            continue
        account = subscription.account
        here = times.get(account.test_clock_id, now) if account.test_clock_id else now
        day = local_date(here, account.timezone) + timedelta(days=1)
        notes.append(
            UsageRecount(subscription=subscription, starts_at=window.starts_at, due_at=midnight(day, account.timezone))
        )
    UsageRecount.objects.bulk_create(notes, ignore_conflicts=True)
    return len(notes)


def over(terms: Sequence[UsageTerms], instant: datetime) -> Period | None:
    """The period that holds this instant, unless it still goes on; nothing for a trial that is free."""
    own = [row for row in terms if row.since_at <= instant and not row.stops]
    if not own or not own[-1].billed:
        return None
    full = Period(own[-1].period_start, own[-1].period_end)
    last = terms[-1]
    goes_on = not last.stops and (last.period_start, last.period_end) == (full.start, full.end)
    return None if goes_on else full


def _draw_up(
    bill: Bill, subscription: Subscription, account: Account, lines: list[DraftLine], reduces: set[UUID]
) -> None:
    terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
    attached = coupons.attached([subscription.pk]).get(subscription.pk, [])
    found, uses = discounted(lines, terms.plan_id, attached)
    bill.invoice(
        DraftInvoice(
            account_id=account.pk,
            subscription_id=subscription.pk,
            kind=Kind.SUPPLEMENTAL,
            currency=account.currency,
            lines=found,
            reduces=sorted(reduces, reverse=True),
        ),
        uses,
    )
