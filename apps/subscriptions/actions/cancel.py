"""Cancellation: now, or at the end of the paid period, which can be taken back until then."""

from datetime import datetime
from uuid import UUID

from apps.invoices.actions.issue import issue
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.rest import etags
from apps.subscriptions import queries
from apps.subscriptions.actions import announce
from apps.subscriptions.actions.catch_up import catch_up
from apps.subscriptions.actions.release import proration, release
from apps.subscriptions.events import SubscriptionCancelled, SubscriptionUpdated
from apps.subscriptions.models import ScheduledChange, Subscription
from apps.subscriptions.rules.lifecycle import LIVE, Status
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
        demand_live(subscription)
        if at_period_end:
            return _at_period_end(subscription, reason=reason, at=at)
        terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
        before = announce.shown(subscription, terms)
        given_back = release(subscription, account, terms, at=at) if credit_unused else None
        if given_back:
            subscription.billed_to = given_back.since
        _remove_scheduled(subscription)
        subscription.status, subscription.cancelled_at, subscription.cancellation_reason = Status.CANCELLED, at, reason
        subscription.next_billing_at = subscription.billing_retry_at = None
        subscription.billing_error = ""
        announce.save(subscription, terms, before=before, announced=SubscriptionCancelled, at=at)
        drafts = proration(subscription, account, given_back.lines, given_back.reduces) if given_back else []
        issue(drafts, at=at, actor=actor, accounts={account.pk: account})
        return subscription


def uncancel(*, subscription_id: UUID, expected_version: int | None = None, at: datetime, actor: Actor) -> Subscription:
    """Take back the cancellation at period end, as long as the period lasts.

    Errors: subscription_not_found (404), version_changed (412); already_cancelled, subscription_expired,
    cancellation_not_scheduled, renewal_stopped (409).
    """
    version = catch_up(subscription_id, at=at, actor=actor, today_too=True, expected_version=expected_version)
    with unit_of_work(actor):
        _, subscription = queries.lock_one(subscription_id)
        etags.demand(subscription.version, version)
        demand_live(subscription)
        terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
        before = announce.shown(subscription, terms)
        if not _remove_scheduled(subscription):
            raise Conflict(
                "cancellation_not_scheduled",
                "No cancellation is scheduled for this subscription.",
                hint="It goes on as it is; there is nothing to take back.",
            )
        subscription.cancellation_reason = ""
        announce.save(subscription, terms, before=before, announced=SubscriptionUpdated, at=at)
        return subscription


def demand_live(subscription: Subscription) -> None:
    """Refuse what has ended."""
    if subscription.status in LIVE:
        return
    hint = "Subscribe the account anew with POST /v1/subscriptions."
    if subscription.status == Status.EXPIRED:
        raise Conflict("subscription_expired", "The subscription has expired.", hint=hint)
    raise Conflict("already_cancelled", f"The subscription was cancelled at {subscription.cancelled_at}.", hint=hint)


def _at_period_end(subscription: Subscription, *, reason: str, at: datetime) -> Subscription:
    """Write the intention; the renewal of that day applies it."""
    if (scheduled := queries.waiting_changes([subscription.pk]).get(subscription.pk)) is not None:
        raise Conflict(
            "cancellation_scheduled",
            f"The subscription is to be cancelled on {scheduled.due_date} already.",
            hint="Take that back with POST /v1/subscriptions/{id}/uncancel, or cancel now with at_period_end false.",
        )
    terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
    before = announce.shown(subscription, terms)
    ScheduledChange.objects.create(
        subscription=subscription, kind=ChangeKind.CANCEL, due_date=subscription.billed_to, details={"reason": reason}
    )
    subscription.cancellation_reason = reason
    announce.save(subscription, terms, before=before, announced=SubscriptionUpdated, at=at)
    return subscription


def _remove_scheduled(subscription: Subscription) -> bool:
    """Whether something was scheduled; it no longer is."""
    change = queries.waiting_changes([subscription.pk]).get(subscription.pk)
    if change is None:
        return False
    change.outcome, change.version, change.updated_at = Outcome.REMOVED, change.version + 1, clock.wall()
    change.save(force_update=True)
    return True
