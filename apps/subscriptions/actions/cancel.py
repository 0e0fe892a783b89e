"""Cancellation: now, or at the end of the paid period, which can be taken back until then."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Account
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict
from apps.kernel.periods import local_date
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.plans.rules import Terms
from apps.rest import etags
from apps.subscriptions import queries
from apps.subscriptions.actions import announce, schedule
from apps.subscriptions.actions.catch_up import catch_up
from apps.subscriptions.actions.change import period_end
from apps.subscriptions.actions.ending import end
from apps.subscriptions.actions.metering import Stopping, stop
from apps.subscriptions.actions.rebill import Rebilled, close_account, rebill, record, stopped
from apps.subscriptions.actions.resume import set_wake
from apps.subscriptions.actions.supersede import supersede
from apps.subscriptions.events import SubscriptionCancelled, SubscriptionUpdated
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import Status, Verb, demand
from apps.subscriptions.rules.scheduled import ChangeKind, Outcome


def cancel(
    *,
    subscription_id: UUID,
    at_period_end: bool = False,
    credit_unused: bool = True,
    reason: str = "",
    expected_version: int | None = None,
    at: datetime,
    actor: Actor,
) -> Subscription:
    """End a subscription: today's local day is the first that is not paid for, or at the end of what is billed.

    Errors: subscription_not_found (404), version_changed (412); already_cancelled, subscription_expired,
    cancellation_scheduled, renewal_stopped (409).
    """
    version = catch_up(subscription_id, at=at, actor=actor, today_too=at_period_end, expected_version=expected_version)
    with unit_of_work(actor):
        account, subscription = queries.lock_one(subscription_id)
        etags.demand(subscription.version, version)
        demand(Verb.CANCEL, subscription.status)
        terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
        before = announce.shown(subscription, terms)
        if at_period_end:
            _at_period_end(subscription, account, terms, reason=reason, at=at)
            announce.save(subscription, terms, before=before, announced=SubscriptionUpdated, at=at)
            return subscription
        was = subscription.status
        credits = credit_unused and was == Status.ACTIVE
        if credits:
            supersede(subscription, account, terms, at=at, actor=actor)
        waiting = queries.waiting_changes([subscription.pk]).get(subscription.pk, {})
        schedule.close(waiting, ChangeKind, Outcome.REMOVED)
        end(subscription, at=at, reason=reason)
        if credits:
            rebilled = rebill(subscription, account, terms, was=terms.interval, at=at)
        else:
            rebilled = _uncredited(subscription, account, terms, was=was, at=at)
        announce.save(subscription, terms, before=before, announced=SubscriptionCancelled, at=at)
        record(rebilled, account, at=at, actor=actor)
        return subscription


def uncancel(*, subscription_id: UUID, expected_version: int | None = None, at: datetime, actor: Actor) -> Subscription:
    """Take back the cancellation at period end, as long as the period lasts.

    Errors: subscription_not_found (404), version_changed (412); already_cancelled, subscription_expired,
    cancellation_not_scheduled, renewal_stopped (409).
    """
    version = catch_up(subscription_id, at=at, actor=actor, today_too=True, expected_version=expected_version)
    with unit_of_work(actor):
        account, subscription = queries.lock_one(subscription_id)
        etags.demand(subscription.version, version)
        demand(Verb.UNCANCEL, subscription.status)
        terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
        before = announce.shown(subscription, terms)
        waiting = queries.waiting_changes([subscription.pk]).get(subscription.pk, {})
        if not schedule.close(waiting, [ChangeKind.CANCEL], Outcome.REMOVED):
            raise Conflict(
                "cancellation_not_scheduled",
                "No cancellation is scheduled for this subscription.",
                hint="It goes on as it is; there is nothing to take back.",
            )
        subscription.cancellation_reason = ""
        if subscription.status == Status.PAUSED:
            set_wake(subscription, account)
        announce.save(subscription, terms, before=before, announced=SubscriptionUpdated, at=at)
        return subscription


def _uncredited(subscription: Subscription, account: Account, terms: Terms, *, was: str, at: datetime) -> Rebilled:
    """What is paid for stays paid; usage up to now is billed, unless it was all a trial."""
    rebilled = Rebilled()
    if was == Status.TRIAL:
        stop([Stopping(subscription, account, local_date(at, account.timezone), at, forgives=True)])
    elif was == Status.ACTIVE:
        close_account(rebilled.bill, subscription, account, terms, stopped(subscription, account, at=at))
    return rebilled


def _at_period_end(subscription: Subscription, account: Account, terms: Terms, *, reason: str, at: datetime) -> None:
    """Write the intention; the renewal of that day applies it, or the end of a pause."""
    waiting = queries.waiting_changes([subscription.pk]).get(subscription.pk, {})
    if (scheduled := waiting.get(ChangeKind.CANCEL)) is not None:
        raise Conflict(
            "cancellation_scheduled",
            f"The subscription is to be cancelled on {scheduled.due_date} already.",
            hint="Take that back with POST /v1/subscriptions/{id}/uncancel, or cancel now with at_period_end false.",
        )
    due = period_end(subscription, terms, local_date(at, account.timezone))
    schedule.write(subscription, ChangeKind.CANCEL, due=due, details={"reason": reason})
    subscription.cancellation_reason = reason
    if subscription.status == Status.PAUSED:
        set_wake(subscription, account)
