"""Take a coupon off a subscription: it counts for nothing that is charged from now on."""

from datetime import datetime
from uuid import UUID

from apps.coupons import actions as coupons
from apps.kernel.actors import Actor
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.rest import etags
from apps.subscriptions import queries
from apps.subscriptions.actions import announce
from apps.subscriptions.actions.catch_up import catch_up
from apps.subscriptions.events import SubscriptionUpdated
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import Verb, demand


def detach(
    *, subscription_id: UUID, coupon_id: UUID, expected_version: int | None = None, at: datetime, actor: Actor
) -> Subscription:
    """Detach a coupon. What is billed stays as it is; what fell due before today is billed with it first.

    Errors: subscription_not_found, coupon_not_attached (404), version_changed (412); already_cancelled,
    subscription_expired, renewal_stopped (409).
    """
    version = catch_up(subscription_id, at=at, actor=actor, today_too=False, expected_version=expected_version)
    with unit_of_work(actor):
        _, subscription = queries.lock_one(subscription_id)
        etags.demand(subscription.version, version)
        demand(Verb.CHANGE, subscription.status)
        terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
        before = announce.shown(subscription, terms)
        coupons.detach(coupon_id=coupon_id, subscription_id=subscription_id, at=at, actor=actor)
        announce.save(subscription, terms, before=before, announced=SubscriptionUpdated, at=at)
        return subscription
