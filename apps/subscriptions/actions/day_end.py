"""The end of a day whose changes are invoiced as one, after local midnight (BILLING_PRORATION_INVOICE_AT=day_end)."""

from datetime import datetime
from uuid import UUID

from apps.events.rules import Lane
from apps.invoices import queries as invoices
from apps.kernel.actors import Actor
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.subscriptions import queries
from apps.subscriptions.actions.bill import Bill, write
from apps.subscriptions.actions.rebill import close_account
from apps.subscriptions.models import Subscription


def invoice_day(*, subscription_id: UUID, at: datetime, actor: Actor, lane: Lane = Lane.RUN) -> bool:
    """One invoice of all that waits for one of this subscription, if by `at` any of it is due; else nothing, and False.

    Errors: subscription_not_found (404), amount_too_large.
    """
    due = invoices.pending_due(at).filter(subscription_id=subscription_id)
    if not due.exists():
        return False
    with unit_of_work(actor):
        account, subscription = queries.lock_one(subscription_id)
        if not due.exists():
            return False  # another was first
        terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
        made = Bill()
        close_account(made, subscription, account, terms)
        stopped = Subscription.objects.filter(pk=subscription_id).exclude(billing_error="")
        stopped.update(billing_error="", billing_retry_at=None)
        write(made, accounts={account.pk: account}, at=at, actor=actor, lane=lane)
        return True


def end_day(subscription_id: UUID, *, actor: Actor) -> None:
    """The same now for what is due at the end of the day: for previews, which show it and leave nothing behind."""
    ends = queries.day_end_of(subscription_id)
    if ends is not None:
        invoice_day(subscription_id=subscription_id, at=ends, actor=actor)
