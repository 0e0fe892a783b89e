"""The subscription as the API answers with it and events carry it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.coupons.models import Attachment
from apps.coupons.queries import standing
from apps.plans.queries import numbers_of
from apps.rest.objects import ApiObject
from apps.subscriptions.models import ScheduledChange, Subscription
from apps.subscriptions.queries import Waiting, waiting_changes
from apps.subscriptions.rules.lifecycle import Status
from apps.subscriptions.rules.scheduled import ChangeKind


class ScheduledChangeObject(ApiObject, kw_only=True, frozen=True):
    """What is to become of a subscription from the first instant of local date `due_date` on.

    A change names what is to be another: the plan, its version, the quantity; null for what stays.
    """

    kind: ChangeKind
    due_date: date
    plan_id: UUID | None = None
    plan_version: int | None = None
    quantity: int | None = None


class AttachedCoupon(ApiObject, kw_only=True, frozen=True):
    """A coupon that comes off its charges, as long as anything of it is left."""

    coupon_id: UUID
    code: str
    attached_at: datetime


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
    paused_at: datetime | None
    pause_resumes_at: datetime | None
    scheduled_change: ScheduledChangeObject | None
    ends_on: date | None
    coupons: list[AttachedCoupon]
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    url: str


class UpcomingInvoiceObject(ApiObject, kw_only=True, frozen=True):
    """An invoice that is near. What it will hold is computed when it is asked for, at `url`."""

    subscription_id: UUID
    account_id: UUID
    next_billing_at: datetime
    url: str


def subscription_objects(
    subscriptions: Sequence[Subscription],
    *,
    versions: Mapping[UUID, int] | None = None,
    waiting: Waiting | None = None,
    coupons: Mapping[UUID, Sequence[Attachment]] | None = None,
) -> list[SubscriptionObject]:
    """The objects of these subscriptions, in their order.

    `versions`: plan version id -> its number; `waiting`: the scheduled change of each that has one; `coupons`: what is
    attached to each. A query finds each of them where it is not at hand.
    """
    ids = [each.id for each in subscriptions]
    numbers = numbers_of({each.plan_version_id for each in subscriptions}) if versions is None else versions
    changes = waiting_changes(ids) if waiting is None else waiting
    attachments = standing(ids) if coupons is None else coupons
    return [
        SubscriptionObject(
            id=subscription.id,
            external_key=subscription.external_key,
            account_id=subscription.account_id,
            plan_id=subscription.plan_id,
            plan_version=numbers[subscription.plan_version_id],
            status=Status(subscription.status),
            quantity=subscription.quantity,
            start_date=subscription.start_date,
            billing_anchor_date=subscription.billing_anchor_date,
            trial_end=subscription.trial_end,
            current_period_start=subscription.current_period_start,
            current_period_end=subscription.current_period_end,
            next_billing_at=subscription.next_billing_at,
            cancel_at_period_end=ChangeKind.CANCEL in changes.get(subscription.id, {}),
            cancelled_at=subscription.cancelled_at,
            cancellation_reason=subscription.cancellation_reason or None,
            paused_at=subscription.paused_at,
            pause_resumes_at=subscription.pause_resumes_at,
            scheduled_change=_scheduled(changes.get(subscription.id, {})),
            ends_on=subscription.ends_on,
            coupons=[
                AttachedCoupon(coupon_id=each.coupon_id, code=each.coupon.code, attached_at=each.at)
                for each in attachments.get(subscription.id, ())
            ],
            metadata=subscription.metadata,
            created_at=subscription.created_at,
            updated_at=subscription.updated_at,
            url=f"/v1/subscriptions/{subscription.id}",
        )
        for subscription in subscriptions
    ]


def _scheduled(changes: Mapping[ChangeKind, ScheduledChange]) -> ScheduledChangeObject | None:
    """Other terms, where they are scheduled; else an end."""
    change = changes.get(ChangeKind.CHANGE) or changes.get(ChangeKind.CANCEL)
    if change is None:
        return None
    plan_id = change.details.get("plan_id")
    return ScheduledChangeObject(
        kind=ChangeKind(change.kind),
        due_date=change.due_date,
        plan_id=UUID(plan_id) if plan_id else None,
        plan_version=change.details.get("plan_version"),
        quantity=change.details.get("quantity"),
    )
