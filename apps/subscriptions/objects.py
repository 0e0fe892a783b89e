"""The subscription as the API answers with it and events carry it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.rest.objects import ApiObject
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import Status


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
    cancel_at_period_end: bool = False
    cancelled_at: datetime | None = None
    cancellation_reason: str | None = None
    paused_at: datetime | None = None
    pause_resumes_at: datetime | None = None
    scheduled_change: dict[str, Any] | None = None
    ends_on: date | None = None
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    url: str


def subscription_objects(
    subscriptions: Sequence[Subscription], *, versions: Mapping[UUID, int]
) -> list[SubscriptionObject]:
    """The objects of these subscriptions, in their order; `versions`: plan version id -> its number."""
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
            metadata=subscription.metadata,
            created_at=subscription.created_at,
            updated_at=subscription.updated_at,
            url=f"/v1/subscriptions/{subscription.pk}",
        )
        for subscription in subscriptions
    ]
