"""Write a subscription that has changed as its next version, and announce what it was before."""

from datetime import datetime

from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.kernel import clock
from apps.plans.rules import Terms
from apps.rest.objects import builtins
from apps.subscriptions.models import Subscription
from apps.subscriptions.objects import SubscriptionObject, subscription_objects


def shown(subscription: Subscription, terms: Terms) -> SubscriptionObject:
    """The object as it is now; take it before anything is changed."""
    return subscription_objects([subscription], versions={terms.plan_version_id: terms.version})[0]


def save(
    subscription: Subscription,
    terms: Terms,
    *,
    before: SubscriptionObject,
    announced: type[DomainEvent],
    at: datetime,
) -> None:
    """Inside the caller's unit of work, which has locked the subscription and set its fields."""
    subscription.version += 1
    subscription.updated_at = clock.wall()
    subscription.save(force_update=True)
    after, was = shown(subscription, terms), builtins(before)
    now = builtins(after)
    publish([
        announced(
            object=after,
            object_id=subscription.pk,
            account_id=subscription.account_id,
            effective_at=at,
            previous_attributes={
                name: value for name, value in was.items() if name != "updated_at" and now[name] != value
            },
        )
    ])  # fmt: skip
