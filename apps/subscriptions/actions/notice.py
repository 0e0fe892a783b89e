"""Announce what is near while there is time to decide: the next invoice of a subscription, the end of a trial."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import F

from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel.actors import Actor
from apps.kernel.schedule import Scope
from apps.kernel.transactions import unit_of_work
from apps.subscriptions.events import InvoiceUpcoming, TrialWillEnd
from apps.subscriptions.models import Subscription
from apps.subscriptions.objects import SubscriptionObject, UpcomingInvoiceObject, subscription_objects
from apps.subscriptions.queries import to_announce
from apps.subscriptions.rules.lifecycle import Status

BATCH = 500


def announce_ahead(*, at: datetime, scope: Scope, actor: Actor) -> int:
    """Announce what is near, each once for its date; returns how many were looked at. Safe side by side.

    A subscription that is cancelled for the end of its period has no next invoice to speak of.
    """
    with unit_of_work(actor):
        locked = to_announce(at, scope).select_for_update(skip_locked=True, no_key=True, of=("self",))
        rows = list(locked[:BATCH])
        # Not their version: nothing that customers see has changed.
        Subscription.objects.filter(pk__in=[row.pk for row in rows]).update(announced_for=F("next_billing_at"))
        publish(list(_events(rows, at)), lane=Lane.RUN)
    return len(rows)


def _events(rows: Sequence[Subscription], at: datetime) -> Iterator[DomainEvent]:
    for shown in subscription_objects(rows):
        of, account_id = shown.id, shown.account_id
        if shown.status is Status.TRIAL:
            yield TrialWillEnd(object=shown, object_id=of, account_id=account_id, effective_at=at)
        elif not shown.cancel_at_period_end:
            yield InvoiceUpcoming(object=_upcoming(shown), object_id=of, account_id=account_id, effective_at=at)


def _upcoming(shown: SubscriptionObject) -> UpcomingInvoiceObject:
    return UpcomingInvoiceObject(
        subscription_id=shown.id,
        account_id=shown.account_id,
        next_billing_at=shown.next_billing_at or shown.current_period_end,
        url=f"/v1/invoices/upcoming?subscription_id={shown.id}",
    )
