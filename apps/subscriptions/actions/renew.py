"""Renewal: bill the next period of every subscription that is due. One path for one or a thousand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection

from apps.accounts import queries as accounts
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import DomainError
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.subscriptions import queries
from apps.subscriptions.actions.bill import Billing, begun, bill, move_on
from apps.subscriptions.events import SubscriptionUpdated, TrialEnded
from apps.subscriptions.metrics import renewal_failures_total
from apps.subscriptions.models import Subscription
from apps.subscriptions.objects import subscription_objects
from apps.subscriptions.rules.lifecycle import Status

logger = structlog.get_logger(__name__)

Before = dict[str, Any]

_UPDATE = """
UPDATE subscriptions_subscription AS old
SET status = new.status, billed_to = new.billed_to, current_period_start = new.period_start,
    current_period_end = new.period_end, next_billing_at = new.period_end, billing_error = '',
    version = new.version, updated_at = %s
FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::timestamptz[], %s::timestamptz[], %s::int[])
    AS new (id, status, billed_to, period_start, period_end, version)
WHERE old.id = new.id
"""


@dataclass
class Renewed:
    """What a renewal did: periods billed, invoices made, and what stopped, by subscription."""

    periods: int = 0
    invoice_ids: list[UUID] = field(default_factory=list)
    failures: dict[UUID, str] = field(default_factory=dict)

    def add(self, other: "Renewed") -> None:
        """Count another batch in."""
        self.periods += other.periods
        self.invoice_ids += other.invoice_ids
        self.failures |= other.failures


def renew(ids: Sequence[UUID], *, at: datetime, actor: Actor, lane: Lane = Lane.RUN) -> Renewed:
    """Bill the next due period of each subscription, in one transaction with a fixed number of queries.

    One that is not due (any more) is left alone, so runs may overlap and repeat. When the batch fails it is tried one
    by one, and only the bad one stops: its reason stays on the subscription and in the log, and it is tried again.
    A database that is away stops the whole run: its next one goes on where this one was.
    """
    try:
        return _renew(ids, at=at, actor=actor, lane=lane)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are billed
        if len(ids) == 1:
            return _stop(ids[0], error, at=at, actor=actor)
    renewed = Renewed()
    for subscription_id in ids:
        renewed.add(renew([subscription_id], at=at, actor=actor, lane=lane))
    return renewed


def _renew(ids: Sequence[UUID], *, at: datetime, actor: Actor, lane: Lane) -> Renewed:
    with unit_of_work(actor):
        owners = accounts.lock(queries.account_ids(ids))
        due = [each for each in queries.lock(ids) if each.next_billing_at is not None and each.next_billing_at <= at]
        if not due:
            return Renewed()
        terms = plans.terms({each.plan_version_id for each in due})
        billings = [begun(each, owners[each.account_id], terms[each.plan_version_id], at=at, limit=1) for each in due]
        before = [_shown(each) for each in due]
        _write(billings)
        _announce(billings, before, at, lane)
        return Renewed(periods=len(due), invoice_ids=bill(billings, at=at, actor=actor, lane=lane))


def _write(billings: Sequence[Billing]) -> None:
    """Where each stands now, in one statement; the rows in memory are the same."""
    now = clock.wall()
    columns: tuple[list[Any], ...] = ([], [], [], [], [], [])
    for billing in billings:
        move_on(billing)
        row = billing.subscription
        row.version, row.updated_at, row.billing_error = row.version + 1, now, ""
        values = (row.pk, row.status, row.billed_to, row.current_period_start, row.current_period_end, row.version)
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [now, *columns])


def _announce(billings: Sequence[Billing], before: Sequence[Before], at: datetime, lane: Lane) -> None:
    """One event a subscription: its trial has ended, or its period moved on."""
    objects = subscription_objects(
        [billing.subscription for billing in billings],
        versions={billing.terms.plan_version_id: billing.terms.version for billing in billings},
    )
    events: list[DomainEvent] = []
    for shown, was in zip(objects, before, strict=True):
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
    publish(events, lane=lane)


def _shown(subscription: Subscription) -> Before:
    """What a renewal changes of the object."""
    return {
        "status": Status(subscription.status),
        "current_period_start": subscription.current_period_start,
        "current_period_end": subscription.current_period_end,
        "next_billing_at": subscription.next_billing_at,
    }


def _stop(subscription_id: UUID, error: Exception, *, at: datetime, actor: Actor) -> Renewed:
    """Keep the reason where staff and the next run see it, unless another run has billed it meanwhile."""
    reason = _reason(error)
    logger.error("renewal_stopped", subscription_id=str(subscription_id), reason=reason, exc_info=error)
    renewal_failures_total.inc()
    with unit_of_work(actor):
        Subscription.objects.filter(pk=subscription_id, next_billing_at__lte=at).update(billing_error=reason)
    return Renewed(failures={subscription_id: reason})


def _reason(error: Exception) -> str:
    """In one line: what PostgreSQL says below its first holds values of the row."""
    if isinstance(error, DomainError):
        return f"{error.code}: {error.detail}"[:1000]
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}"[:1000]
