"""Intentions: written for a later local day, applied by the renewal of that day, or removed until then."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F

from apps.kernel import clock
from apps.plans.rules import Terms
from apps.subscriptions import queries
from apps.subscriptions.models import ScheduledChange, Subscription
from apps.subscriptions.rules.scheduled import ChangeKind, Outcome


def write(subscription: Subscription, kind: ChangeKind, *, due: date, details: Mapping[str, Any]) -> None:
    """Intend this for `due`, in place of what was intended before. Inside the caller's unit of work."""
    close(queries.waiting_changes([subscription.pk]).get(subscription.pk, {}), [kind], Outcome.REMOVED)
    ScheduledChange.objects.create(subscription=subscription, kind=kind, due_date=due, details=dict(details))


def close(waiting: Mapping[ChangeKind, ScheduledChange], kinds: Iterable[ChangeKind], outcome: Outcome) -> bool:
    """Whether any of these kinds waited; they no longer do."""
    ids = [waiting[kind].pk for kind in kinds if kind in waiting]
    if ids:
        ScheduledChange.objects.filter(pk__in=ids).update(
            outcome=outcome, version=F("version") + 1, updated_at=clock.wall()
        )
    return bool(ids)


def applied(subscription: Subscription, change: ScheduledChange, terms: Mapping[UUID, Terms]) -> Terms:
    """Set the row in memory to what was intended; the terms that hold from then on."""
    version_id = version_of(change) or subscription.plan_version_id
    found = terms[version_id]
    subscription.plan_id, subscription.plan_version_id = found.plan_id, found.plan_version_id
    subscription.quantity = change.details.get("quantity") or subscription.quantity
    return found


def version_of(change: ScheduledChange) -> UUID | None:
    """The plan version that it brings, if another one."""
    found = change.details.get("plan_version_id")
    return UUID(found) if found else None
