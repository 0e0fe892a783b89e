"""Changes of a live subscription: its quantity, charged by days from today on, and its metadata."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from apps.accounts.models import Account
from apps.invoices.actions.issue import issue
from apps.invoices.rules import DraftInvoice, LineKind
from apps.kernel.actors import Actor
from apps.kernel.changes import changed
from apps.kernel.ids import uuid7
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.plans.rules import Terms
from apps.rest import etags
from apps.subscriptions import queries
from apps.subscriptions.actions import announce
from apps.subscriptions.actions.bill import charge_line
from apps.subscriptions.actions.cancel import demand_live
from apps.subscriptions.actions.catch_up import catch_up
from apps.subscriptions.actions.release import Released, proration, release
from apps.subscriptions.events import SubscriptionUpdated
from apps.subscriptions.models import RECURRING, BilledPeriod, Subscription
from apps.subscriptions.rules.charges import Billable, charge, full_price
from apps.subscriptions.rules.proration import Behavior


def change(
    *,
    subscription_id: UUID,
    quantity: int | None = None,
    metadata: Mapping[str, Any] | None = None,
    proration_behavior: str = Behavior.ALWAYS_INVOICE,
    expected_version: int | None = None,
    at: datetime,
    actor: Actor,
) -> Subscription:
    """Change what is given; equal content changes nothing: no new version, no event, no invoice.

    A new quantity counts from today's local day on. What is billed of those days is credited and charged anew at once,
    unless `proration_behavior` is none; later credits count from what was charged.
    Errors: subscription_not_found (404), version_changed (412), amount_too_large (422); already_cancelled,
    subscription_expired, renewal_stopped (409).
    """
    if quantity is not None:
        expected_version = catch_up(
            subscription_id, at=at, actor=actor, today_too=False, expected_version=expected_version
        )
    with unit_of_work(actor):
        account, subscription = queries.lock_one(subscription_id)
        etags.demand(subscription.version, expected_version)
        new = _new(subscription, quantity, metadata)
        if not new:
            return subscription
        terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
        before = announce.shown(subscription, terms)
        for name, value in new.items():
            setattr(subscription, name, value)
        drafts: list[DraftInvoice] = []
        if "quantity" in new:
            demand_live(subscription)
            full_price(terms.price(account.currency), subscription.quantity)
            if proration_behavior == Behavior.ALWAYS_INVOICE:
                drafts = _prorate(subscription, account, terms, at)
        announce.save(subscription, terms, before=before, announced=SubscriptionUpdated, at=at)
        issue(drafts, at=at, actor=actor, accounts={account.pk: account})
        return subscription


def _new(subscription: Subscription, quantity: int | None, metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is asked for and is not so already."""
    wanted = {"quantity": quantity, "metadata": None if metadata is None else dict(metadata)}
    now = {"quantity": subscription.quantity, "metadata": subscription.metadata}
    return changed(now, {name: value for name, value in wanted.items() if value is not None})


def _prorate(subscription: Subscription, account: Account, terms: Terms, at: datetime) -> list[DraftInvoice]:
    """Credit the billed days from today on as they were charged, and charge them at the new quantity."""
    given_back = release(subscription, account, terms, at=at)
    if given_back is None:
        return []
    period = _billed_anew(subscription, account, terms, given_back)
    line_id = uuid7() if period.charge.amount else None
    days = period.charge.period
    BilledPeriod.objects.create(
        subscription=subscription, component=RECURRING, days=DateRange(days.start, days.end), line_id=line_id
    )
    lines = list(given_back.lines)
    if line_id is not None:
        lines.append(charge_line(subscription, terms, period, line_id, kind=LineKind.PRORATION_CHARGE))
    return proration(subscription, account, lines, given_back.reduces)


def _billed_anew(subscription: Subscription, account: Account, terms: Terms, given_back: Released) -> Billable:
    made = charge(
        day=given_back.since,
        anchor=subscription.billing_anchor_date,
        interval=terms.interval,
        unit_amount=terms.price(account.currency),
        quantity=subscription.quantity,
    )
    return Billable(made, given_back.begins, subscription.current_period_end)
