"""Write a subscription that has changed as its next version, and announce what it was before."""

from datetime import datetime

import msgspec

from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.kernel import clock
from apps.plans.rules import Terms
from apps.rest.objects import builtins
from apps.subscriptions.models import Subscription
from apps.subscriptions.objects import SubscriptionObject, subscription_objects
from apps.subscriptions.queries import Waiting


def shown(subscription: Subscription, terms: Terms, waiting: Waiting | None = None) -> SubscriptionObject:
    """The object as it is now; take it before anything is changed. `waiting` spares a query where it is at hand."""
    return subscription_objects([subscription], versions={terms.plan_version_id: terms.version}, waiting=waiting)[0]


def save(
    subscription: Subscription,
    terms: Terms,
    *,
    before: SubscriptionObject,
    announced: type[DomainEvent],
    at: datetime,
) -> bool:
    """Whether anything that customers see has changed; only then it is written and announced.

    Inside the caller's unit of work, which has locked the subscription and set its fields.
    """
    after = shown(subscription, terms)
    was, now = builtins(before), builtins(after)
    previous = {name: value for name, value in was.items() if now[name] != value}
    if not previous:
        return False
    subscription.version += 1
    subscription.updated_at = clock.wall()
    subscription.save(force_update=True)
    after = msgspec.structs.replace(after, updated_at=subscription.updated_at)
    publish([
        announced(
            object=after,
            object_id=subscription.pk,
            account_id=subscription.account_id,
            effective_at=at,
            previous_attributes=previous,
        )
    ])  # fmt: skip
    return True
