"""Reads and locks of subscriptions."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts import queries as accounts
from apps.accounts.models import Account
from apps.kernel.errors import NotFound
from apps.kernel.schedule import Scope
from apps.subscriptions.models import ScheduledChange, Subscription
from apps.subscriptions.rules.scheduled import Outcome


def subscriptions() -> QuerySet[Subscription]:
    """All subscriptions, with what their object shows."""
    return Subscription.objects.select_related("plan_version", "account")


def due(at: datetime, scope: Scope) -> QuerySet[Subscription]:
    """Subscriptions whose next period is to be billed at `at`, the longest due first."""
    return Subscription.objects.filter(next_billing_at__lte=at, account__test_clock_id=scope.clock_id).order_by(
        "next_billing_at", "id"
    )


def lock(ids: Collection[UUID]) -> list[Subscription]:
    """Lock these subscriptions in the order of their ids. Their accounts are locked first, by the caller."""
    return list(Subscription.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True))


def account_ids(ids: Collection[UUID]) -> list[UUID]:
    """The accounts of these subscriptions; an account never changes, so this needs no lock."""
    return list(Subscription.objects.filter(pk__in=set(ids)).values_list("account_id", flat=True).distinct())


def waiting_changes(ids: Collection[UUID]) -> dict[UUID, ScheduledChange]:
    """What is scheduled for these subscriptions and has not come to pass, by the subscription's id; one query."""
    rows = ScheduledChange.objects.filter(subscription_id__in=set(ids), outcome=Outcome.WAITING)
    return {change.subscription_id: change for change in rows}


def lock_one(subscription_id: UUID) -> tuple[Account, Subscription]:
    """Lock a subscription, and its account before it, or a refusal."""
    owner = Subscription.objects.filter(pk=subscription_id).values_list("account_id", flat=True).first()
    if owner is None:
        raise NotFound("subscription_not_found", f"There is no subscription {subscription_id}.", hint="Check the id.")
    account = accounts.lock_one(owner)
    return account, lock([subscription_id])[0]
