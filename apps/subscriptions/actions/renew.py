"""Renewal: bill the next period of every subscription that is due, or end it. One path for one or a thousand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from apps.accounts.models import Account
from apps.accounts.rules import InvoiceGrouping
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import DomainError
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.plans.rules import Terms
from apps.subscriptions import queries
from apps.subscriptions.actions import schedule
from apps.subscriptions.actions.announce_many import Before, before, ended, moved
from apps.subscriptions.actions.bill import Billing, begun, count_on, drawn_up, move_on, write
from apps.subscriptions.actions.ending import end
from apps.subscriptions.actions.extras import extras
from apps.subscriptions.actions.metering import Stopping
from apps.subscriptions.actions.metering import stop as stop_counting
from apps.subscriptions.actions.portions import Portion
from apps.subscriptions.actions.rating import Rated, rate
from apps.subscriptions.actions.rebill import close_account, move_anchor
from apps.subscriptions.actions.stop import Renewed, count, stop
from apps.subscriptions.actions.write_many import writing_many
from apps.subscriptions.models import BillingRun, ScheduledChange, Subscription
from apps.subscriptions.objects import subscription_objects
from apps.subscriptions.queries import Waiting
from apps.subscriptions.rules.lifecycle import Status
from apps.subscriptions.rules.scheduled import ChangeKind, Outcome


def renew(
    ids: Sequence[UUID], *, at: datetime, actor: Actor, lane: Lane = Lane.RUN, run: BillingRun | None = None
) -> Renewed:
    """Bill the next due period of each subscription, in one transaction with a fixed number of queries.

    What was scheduled for its day comes first: one that is to end ends instead, another one is billed under its new
    terms. One that is not due (any more) is left alone, so runs may overlap and repeat; `run` bills what was due by its
    own time, and counts it on its row in the same transaction. An account that wants one invoice a day has all that is
    due of it billed with the first of them. One that cannot be billed stops alone; when the batch fails as such it is
    tried one by one. The reason stays on the subscription and in the log, and it is tried again later. A database that
    is away stops the whole run: its next one goes on where this one was.
    """
    return renew_claimed(lambda: ids, at=at, actor=actor, lane=lane, run=run)


def renew_claimed(
    claim: Callable[[], Sequence[UUID]],
    *,
    at: datetime,
    actor: Actor,
    lane: Lane = Lane.RUN,
    run: BillingRun | None = None,
) -> Renewed:
    """The same for those that `claim` names in the same transaction: what it locks nobody else claims until the end."""
    ids: Sequence[UUID] = ()
    try:
        with unit_of_work(actor, savepoint=True):
            ids = claim()
            renewed, refused = _renew(ids, at=at, actor=actor, lane=lane, run=run)
    except Exception as error:
        # Whatever is wrong with one, the others are billed.
        if not ids:
            raise
        if len(ids) == 1:
            return stop(ids[0], error, at=at, actor=actor, run=run)
        renewed = Renewed()
        for subscription_id in ids:
            renewed.add(renew([subscription_id], at=at, actor=actor, lane=lane, run=run))
        return renewed
    for subscription_id, refusal in refused.items():
        renewed.add(stop(subscription_id, refusal, at=at, actor=actor, run=run))
    return renewed


@dataclass
class _Batch:
    """What is to become of the subscriptions of one transaction, by fate."""

    billings: list[Billing] = field(default_factory=list)
    ending: list[Subscription] = field(default_factory=list)
    applied: list[ScheduledChange] = field(default_factory=list)
    removed: list[ScheduledChange] = field(default_factory=list)
    refused: dict[UUID, DomainError] = field(default_factory=dict)
    before: dict[UUID, Before] = field(default_factory=dict)
    ended: dict[UUID, tuple[datetime, bool]] = field(default_factory=dict)
    """When each that ends has ended, and whether in its trial."""

    @property
    def rows(self) -> list[Subscription]:
        """All that are to be written."""
        return [*(billing.subscription for billing in self.billings), *self.ending]


def _renew(
    ids: Sequence[UUID], *, at: datetime, actor: Actor, lane: Lane, run: BillingRun | None
) -> tuple[Renewed, dict[UUID, DomainError]]:
    # A worker whose clock is behind that of whoever began the run bills at the run's time.
    due_by, at = (run.at, max(at, run.at)) if run else (at, at)
    owners = queries.lock_accounts(ids)
    due = _due(ids, owners, due_by)
    if not due:
        return Renewed(), {}
    waiting = queries.waiting_changes([each.id for each in due])
    terms = plans.terms({
        *(each.plan_version_id for each in due),
        *(found for kinds in waiting.values() for each in kinds.values() if (found := schedule.version_of(each))),
    })  # fmt: skip
    versions = {each.plan_version_id: each.version for each in terms.values()}
    lives = {each.id: each for each in subscription_objects(_to_end(due, waiting), versions=versions, waiting=waiting)}
    batch = _Batch()
    for each in due:
        _one(each, owners[each.account_id], terms, waiting.get(each.id, {}), batch, at=at)
    usage = count_on(batch.billings) | _closing(batch, owners)
    extra = extras([each.subscription for each in batch.billings])
    with writing_many(batch.rows):
        bill = drawn_up(batch.billings, usage, extra)
    _close(batch)
    left = _left(waiting, batch)
    going_on = [billing.subscription for billing in batch.billings]
    shown = subscription_objects(going_on, versions=versions, waiting=left)
    gone = subscription_objects(batch.ending, versions=versions, waiting={})
    publish([*moved(shown, batch.before, at), *ended(gone, lives, at)], lane=lane)
    for each in batch.ending:
        close_account(bill, each, owners[each.account_id], terms[each.plan_version_id], usage.get(each.id))
    renewed = Renewed(
        periods=len(batch.billings),
        ended=len(batch.ending),
        done=sum(each.next_billing_at is None or each.next_billing_at > due_by for each in batch.rows),
        invoice_ids=write(bill, accounts=owners, at=at, actor=actor, lane=lane, by_account=True),
    )
    count(run, renewed, batches=1)
    return renewed, batch.refused


def _due(ids: Sequence[UUID], owners: Mapping[UUID, Account], due_by: datetime) -> list[Subscription]:
    """Those of `ids` that are due, locked; of an account that wants one invoice a day, all that fell due on its first.

    Their days are those of the account, which is locked.
    """
    together = [owner.pk for owner in owners.values() if owner.invoice_grouping == InvoiceGrouping.ACCOUNT]
    wanted = {*ids, *queries.grouped_with(together, due_by)}
    due = [each for each in queries.lock(wanted) if each.next_billing_at is not None and each.next_billing_at <= due_by]
    if not together:
        return due
    first: dict[UUID, date] = {}
    for each in due:
        first[each.account_id] = min(first.get(each.account_id, each.billed_to), each.billed_to)
    return [each for each in due if each.account_id not in together or each.billed_to == first[each.account_id]]


def _one(
    subscription: Subscription,
    account: Account,
    terms: Mapping[UUID, Terms],
    waiting: Mapping[ChangeKind, ScheduledChange],
    batch: _Batch,
    *,
    at: datetime,
) -> None:
    """Decide what becomes of one, in memory: it ends, is billed its next period, or cannot be."""
    was = before(subscription, terms)
    day, change = subscription.billed_to, waiting.get(ChangeKind.CHANGE)
    if (how := _end_of(subscription, waiting)) is not None:
        batch.ended[subscription.id] = (_instant(subscription), subscription.status == Status.TRIAL)
        _end(subscription, how, waiting)
        batch.ending.append(subscription)
        cancels = waiting.get(ChangeKind.CANCEL)
        (batch.applied if how is Status.CANCELLED else batch.removed).extend([cancels] if cancels else [])
        batch.removed.extend([change] if change else [])
        return
    agreed = terms[subscription.plan_version_id]
    if change is not None and change.due_date <= day:
        interval, agreed = agreed.interval, schedule.applied(subscription, change, terms)
        if agreed.interval != interval and subscription.status != Status.TRIAL:
            move_anchor(subscription, day, today=day)
    try:
        billing = begun(subscription, account, agreed, at=at, limit=1)
    except DomainError as refusal:
        batch.refused[subscription.id] = refusal
        return
    if change is not None and change.due_date <= day:
        batch.applied.append(change)
    batch.before[subscription.id] = was
    move_on(billing)
    batch.billings.append(billing)


def _to_end(due: Sequence[Subscription], waiting: Waiting) -> list[Subscription]:
    return [each for each in due if _end_of(each, waiting.get(each.id, {})) is not None]


def _end_of(subscription: Subscription, waiting: Mapping[ChangeKind, ScheduledChange]) -> Status | None:
    """How it ends on its next day to bill, if that day brings its end: it has come, or it would not be due."""
    cancels = waiting.get(ChangeKind.CANCEL)
    if cancels is not None and cancels.due_date <= subscription.billed_to:
        return Status.CANCELLED
    if subscription.ends_on is not None and subscription.ends_on <= subscription.billed_to:
        return Status.EXPIRED
    return None


def _end(subscription: Subscription, how: Status, waiting: Mapping[ChangeKind, ScheduledChange]) -> None:
    """Set the row in memory to its end: at the instant at which its paid days or its trial ran out."""
    cancels = waiting.get(ChangeKind.CANCEL)
    said = cancels.details.get("reason") if cancels and how is Status.CANCELLED else ""
    end(subscription, at=_instant(subscription), reason=subscription.cancellation_reason or str(said or ""), status=how)


def _instant(subscription: Subscription) -> datetime:
    if subscription.next_billing_at is None:
        raise ValueError("what is not due does not end")
    return subscription.next_billing_at


def _closing(batch: _Batch, owners: Mapping[UUID, Account]) -> dict[UUID, Rated]:
    """What usage of those that end has come to; of a trial nothing."""
    paid = [each for each in batch.ending if not batch.ended[each.id][1]]
    due = rate([
        Portion(each, owners[each.account_id], each.billed_to, batch.ended[each.id][0]) for each in paid
    ])  # fmt: skip
    stop_counting([
        Stopping(each, owners[each.account_id], each.billed_to, *batch.ended[each.id]) for each in batch.ending
    ])  # fmt: skip
    return due


def _close(batch: _Batch) -> None:
    """What was intended has come to pass, or never will. The rows are locked by their subscriptions' locks."""
    for rows, outcome in ((batch.applied, Outcome.APPLIED), (batch.removed, Outcome.REMOVED)):
        if rows:
            ScheduledChange.objects.filter(pk__in=[change.pk for change in rows]).update(
                outcome=outcome, version=F("version") + 1, updated_at=clock.wall()
            )


def _left(waiting: Waiting, batch: _Batch) -> Waiting:
    """What still waits."""
    closed = {change.pk for change in (*batch.applied, *batch.removed)}
    return {
        pk: {kind: change for kind, change in kinds.items() if change.pk not in closed} for pk, kinds in waiting.items()
    }
