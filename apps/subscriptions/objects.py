"""The subscription as the API answers with it and events carry it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.rest.objects import ApiObject
from apps.subscriptions.models import ScheduledChange, Subscription
from apps.subscriptions.queries import waiting_changes
from apps.subscriptions.rules.lifecycle import Status
from apps.subscriptions.rules.scheduled import ChangeKind


class ScheduledChangeObject(ApiObject, kw_only=True, frozen=True):
    """What is to become of a subscription from the first instant of local date `due_date` on."""

    kind: ChangeKind
    due_date: date


class SubscriptionObject(ApiObject, kw_only=True, frozen=True):
    """An account on a plan. Periods are instants of the account's local midnights, [start, end)."""

    id: UUID
    external_key: str | None
    account_id: UUID
    plan_id: UUID
    plan_version: int
    status: Status
    quantity: int
    start_date: date
    billing_anchor_date: date
    trial_end: datetime | None
    current_period_start: datetime
    current_period_end: datetime
    next_billing_at: datetime | None
    cancel_at_period_end: bool
    cancelled_at: datetime | None
    cancellation_reason: str | None
    paused_at: datetime | None = None
    pause_resumes_at: datetime | None = None
    scheduled_change: ScheduledChangeObject | None
    ends_on: date | None = None
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    url: str


def subscription_objects(
    subscriptions: Sequence[Subscription],
    *,
    versions: Mapping[UUID, int],
    waiting: Mapping[UUID, ScheduledChange] | None = None,
) -> list[SubscriptionObject]:
    """The objects of these subscriptions, in their order; `versions`: plan version id -> its number.

    `waiting`: the scheduled change of each that has one; one query finds them where they are not at hand.
    """
    changes = waiting_changes([each.pk for each in subscriptions]) if waiting is None else waiting
    return [
        SubscriptionObject(
            id=subscription.pk,
            external_key=subscription.external_key,
            account_id=subscription.account_id,
            plan_id=subscription.plan_id,
            plan_version=versions[subscription.plan_version_id],
            status=Status(subscription.status),
            quantity=subscription.quantity,
            start_date=subscription.start_date,
            billing_anchor_date=subscription.billing_anchor_date,
            trial_end=subscription.trial_end,
            current_period_start=subscription.current_period_start,
            current_period_end=subscription.current_period_end,
            next_billing_at=subscription.next_billing_at,
            cancel_at_period_end=subscription.pk in changes,
            cancelled_at=subscription.cancelled_at,
            cancellation_reason=subscription.cancellation_reason or None,
            scheduled_change=_scheduled(changes.get(subscription.pk)),
            metadata=subscription.metadata,
            created_at=subscription.created_at,
            updated_at=subscription.updated_at,
            url=f"/v1/subscriptions/{subscription.pk}",
        )
        for subscription in subscriptions
    ]


def _scheduled(change: ScheduledChange | None) -> ScheduledChangeObject | None:
    return ScheduledChangeObject(kind=ChangeKind(change.kind), due_date=change.due_date) if change else None
