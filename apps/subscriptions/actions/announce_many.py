"""What renewals announce: one event a subscription, with what it was before."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from apps.events.declare import DomainEvent
from apps.plans.rules import Terms
from apps.subscriptions.events import SubscriptionCancelled, SubscriptionExpired, SubscriptionUpdated, TrialEnded
from apps.subscriptions.models import Subscription
from apps.subscriptions.objects import SubscriptionObject
from apps.subscriptions.rules.lifecycle import Status

Before = dict[str, Any]


def moved(objects: Sequence[SubscriptionObject], before: Mapping[UUID, Before], at: datetime) -> list[DomainEvent]:
    """One event a subscription that goes on: its trial has ended, its period moved on, or it has other terms."""
    events: list[DomainEvent] = []
    for shown in objects:
        was = before[shown.id]
        announced = TrialEnded if was["status"] is Status.TRIAL else SubscriptionUpdated
        events.append(
            announced(
                object=shown,
                object_id=shown.id,
                account_id=shown.account_id,
                effective_at=at,
                previous_attributes={name: value for name, value in was.items() if getattr(shown, name) != value},
            )
        )
    return events


def ended(
    objects: Sequence[SubscriptionObject], lives: Mapping[UUID, SubscriptionObject], at: datetime
) -> list[DomainEvent]:
    """One event a subscription that ended, with all that was different in its life."""
    return [
        (SubscriptionCancelled if shown.status is Status.CANCELLED else SubscriptionExpired)(
            object=shown,
            object_id=shown.id,
            account_id=shown.account_id,
            effective_at=at,
            previous_attributes={
                name: value
                for name, value in msgspec.structs.asdict(lives[shown.id]).items()
                if getattr(shown, name) != value and name != "updated_at"
            },
        )
        for shown in objects
    ]


def before(subscription: Subscription, terms: Mapping[UUID, Terms]) -> Before:
    """What a renewal changes of the object."""
    return {
        "status": Status(subscription.status),
        "plan_id": subscription.plan_id,
        "plan_version": terms[subscription.plan_version_id].version,
        "quantity": subscription.quantity,
        "billing_anchor_date": subscription.billing_anchor_date,
        "current_period_start": subscription.current_period_start,
        "current_period_end": subscription.current_period_end,
        "next_billing_at": subscription.next_billing_at,
    }
