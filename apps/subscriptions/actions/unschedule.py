"""Take back a change that waits for the end of the period."""

from datetime import datetime
from uuid import UUID

from apps.kernel.actors import Actor
from apps.kernel.errors import NotFound
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.rest import etags
from apps.subscriptions import queries
from apps.subscriptions.actions import announce
from apps.subscriptions.actions.catch_up import catch_up
from apps.subscriptions.actions.schedule import close
from apps.subscriptions.events import SubscriptionUpdated
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import Verb, demand
from apps.subscriptions.rules.scheduled import ChangeKind, Outcome


def unschedule(
    *, subscription_id: UUID, expected_version: int | None = None, at: datetime, actor: Actor
) -> Subscription:
    """Take back the change that waits for the end of the period. An end that waits is taken back by uncancel.

    Errors: subscription_not_found, scheduled_change_not_found (404), version_changed (412); already_cancelled,
    subscription_expired, renewal_stopped (409).
    """
    version = catch_up(subscription_id, at=at, actor=actor, today_too=True, expected_version=expected_version)
    with unit_of_work(actor):
        _, subscription = queries.lock_one(subscription_id)
        etags.demand(subscription.version, version)
        demand(Verb.CHANGE, subscription.status)
        terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
        before = announce.shown(subscription, terms)
        waiting = queries.waiting_changes([subscription.pk]).get(subscription.pk, {})
        if not close(waiting, [ChangeKind.CHANGE], Outcome.REMOVED):
            raise NotFound(
                "scheduled_change_not_found",
                "No change is scheduled for this subscription.",
                hint="There is nothing to take back; a scheduled cancellation is taken back with uncancel.",
            )
        announce.save(subscription, terms, before=before, announced=SubscriptionUpdated, at=at)
        return subscription
