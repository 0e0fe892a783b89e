"""Changes of a live subscription: plan, version, quantity, now or at the end of the period, and its metadata."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import Account
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid, Problem
from apps.kernel.periods import anchored, local_date
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.plans.rules import Terms
from apps.rest import etags
from apps.subscriptions import queries
from apps.subscriptions.actions import announce, schedule
from apps.subscriptions.actions.catch_up import catch_up
from apps.subscriptions.actions.metering import follow
from apps.subscriptions.actions.rebill import Rebilled, rebill, record
from apps.subscriptions.actions.supersede import supersede
from apps.subscriptions.events import SubscriptionUpdated
from apps.subscriptions.models import ScheduledChange, Subscription
from apps.subscriptions.rules.charges import full_price
from apps.subscriptions.rules.lifecycle import LIVE, Status, Verb, demand
from apps.subscriptions.rules.proration import Behavior
from apps.subscriptions.rules.scheduled import ChangeKind, Effective, Outcome


def change(
    *,
    subscription_id: UUID,
    plan_id: UUID | None = None,
    plan_version: int | None = None,
    quantity: int | None = None,
    metadata: Mapping[str, Any] | None = None,
    proration_behavior: str = Behavior.ALWAYS_INVOICE,
    effective: str = Effective.NOW,
    expected_version: int | None = None,
    at: datetime,
    actor: Actor,
) -> Subscription:
    """Change what is given; equal content changes nothing: no new version, no event, no invoice.

    Plan and quantity count from today's local day on, or (`period_end`) from the first day not billed yet. Now: what is
    billed otherwise of those days is credited and charged anew, as `proration_behavior` says. A trial is billed at its
    end, a pause at its. A plan without `plan_version` is taken in its current one; a version alone is of the same plan.
    Errors: subscription_not_found (404), version_changed (412), amount_too_large, plan_unknown, plan_version_unknown,
    plan_inactive, price_missing (422); subscription_exists, already_cancelled, subscription_expired, renewal_stopped
    (409).
    """
    of_terms = quantity is not None or plan_id is not None or plan_version is not None
    if of_terms:
        later = effective == Effective.PERIOD_END
        expected_version = catch_up(
            subscription_id, at=at, actor=actor, today_too=later, expected_version=expected_version
        )
    with unit_of_work(actor):
        account, subscription = queries.lock_one(subscription_id)
        etags.demand(subscription.version, expected_version)
        if of_terms:
            demand(Verb.CHANGE, subscription.status)
        old = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
        new = wanted(subscription, old, plan_id=plan_id, plan_version=plan_version)
        seats = quantity or subscription.quantity
        waiting = queries.waiting_changes([subscription.pk])
        before = announce.shown(subscription, old, waiting)
        intended = waiting.get(subscription.pk, {})
        rebilled = Rebilled()
        if metadata is not None:
            subscription.metadata = dict(metadata)
        if new is not old or seats != subscription.quantity:
            _check(subscription, account, new, seats)
            if effective == Effective.PERIOD_END:
                _intend(subscription, account, old, new, seats, at)
            else:
                _forget(intended)
                rebilled = _now(subscription, account, old, new, seats, Behavior(proration_behavior), at, actor)
        elif of_terms and effective == Effective.NOW:
            _forget(intended)
        if not announce.save(
            subscription,
            new if effective == Effective.NOW else old,
            before=before,
            announced=SubscriptionUpdated,
            at=at,
        ):
            return subscription
        record(rebilled, account, at=at, actor=actor)
        return subscription


def wanted(subscription: Subscription, old: Terms, *, plan_id: UUID | None, plan_version: int | None) -> Terms:
    """The terms that are asked for; those there are (the same object) where they are the same."""
    if plan_id is None and plan_version is None:
        return old
    if plan_version is None and plan_id == subscription.plan_id:
        return old
    target = plan_id or subscription.plan_id
    found = plans.current_terms(target) if plan_version is None else plans.version_of(target, plan_version)
    if found.plan_version_id == old.plan_version_id:
        return old
    if found.plan_id != subscription.plan_id:
        plans.demand_sold(found)
    return found


def _check(subscription: Subscription, account: Account, new: Terms, seats: int) -> None:
    full_price(new.price(account.currency), seats)
    if new.plan_id == subscription.plan_id:
        return
    other = (
        Subscription.objects.filter(account_id=account.pk, plan_id=new.plan_id, status__in=LIVE)
        .exclude(pk=subscription.pk)
        .first()
    )
    if other is not None:
        raise Conflict(
            "subscription_exists",
            f"The account has the live subscription {other.pk} to the plan {new.name!r}.",
            hint="Cancel one of the two first; an account has one live subscription per plan.",
        )


def _now(
    subscription: Subscription,
    account: Account,
    old: Terms,
    new: Terms,
    seats: int,
    behavior: Behavior,
    at: datetime,
    actor: Actor,
) -> Rebilled:
    """Set it, and bill what it changes."""
    bills = subscription.status == Status.ACTIVE
    if bills and (behavior is not Behavior.NONE or old.interval != new.interval):
        supersede(subscription, account, old, at=at, actor=actor)
    subscription.plan_id, subscription.plan_version_id = new.plan_id, new.plan_version_id
    subscription.quantity = seats
    rebilled = rebill(subscription, account, new, was=old.interval, behavior=behavior, at=at) if bills else Rebilled()
    if subscription.status != Status.PAUSED:
        follow(subscription, account, new, today=local_date(at, account.timezone))
    return rebilled


def _intend(subscription: Subscription, account: Account, old: Terms, new: Terms, seats: int, at: datetime) -> None:
    """Write it down for the first day that is not billed; in a pause, for the end of the period it lies in."""
    due = period_end(subscription, old, local_date(at, account.timezone))
    if subscription.ends_on is not None and due >= subscription.ends_on:
        raise Invalid(
            "ends_before_change",
            f"The subscription ends on {subscription.ends_on}, before the change would count.",
            hint="Change it now instead, with effective now.",
            errors=[Problem("/effective", "ends_before_change", "There is no next period.")],
        )
    details: dict[str, Any] = {}
    if new is not old:
        details |= {
            "plan_version_id": str(new.plan_version_id), "plan_id": str(new.plan_id), "plan_version": new.version,
        }  # fmt: skip
    if seats != subscription.quantity:
        details["quantity"] = seats
    schedule.write(subscription, ChangeKind.CHANGE, due=due, details=details)


def period_end(subscription: Subscription, terms: Terms, today: date) -> date:
    """The first local day that is not billed yet; in a pause, the end of the anchored period that holds today."""
    if subscription.status != Status.PAUSED:
        return subscription.billed_to
    return anchored(subscription.billing_anchor_date, terms.interval, today).end


def _forget(waiting: Mapping[ChangeKind, ScheduledChange]) -> None:
    """What waited for the end of the period is no longer wanted."""
    schedule.close(waiting, [ChangeKind.CHANGE], Outcome.REMOVED)
