"""Pausing: from today on nothing is billed, until somebody resumes or a date comes. The anchor stays where it is."""

from datetime import date, datetime
from uuid import UUID

from apps.kernel.actors import Actor
from apps.kernel.periods import local_date, midnight
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.rest import etags
from apps.subscriptions import queries
from apps.subscriptions.actions import announce
from apps.subscriptions.actions.catch_up import catch_up
from apps.subscriptions.actions.rebill import rebill, record
from apps.subscriptions.actions.resume import set_wake
from apps.subscriptions.actions.supersede import supersede
from apps.subscriptions.events import SubscriptionPaused
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules import pauses
from apps.subscriptions.rules.lifecycle import Status, Verb, demand


def pause(
    *,
    subscription_id: UUID,
    resume_at: date | None = None,
    expected_version: int | None = None,
    at: datetime,
    actor: Actor,
) -> Subscription:
    """Stop billing from today's local day on, with credit for what is paid for; on `resume_at` it goes on by itself.

    Errors: subscription_not_found (404), version_changed (412), resume_at_outside (422); transition_illegal,
    already_cancelled, subscription_expired, renewal_stopped (409).
    """
    version = catch_up(subscription_id, at=at, actor=actor, today_too=False, expected_version=expected_version)
    with unit_of_work(actor):
        account, subscription = queries.lock_one(subscription_id)
        etags.demand(subscription.version, version)
        demand(Verb.PAUSE, subscription.status)
        today = local_date(at, account.timezone)
        if resume_at is not None:
            pauses.demand_resume_date(resume_at, paused_on=today)
        terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
        before = announce.shown(subscription, terms)
        supersede(subscription, account, terms, at=at, actor=actor)
        subscription.status, subscription.paused_at = Status.PAUSED, at
        subscription.paused_on, subscription.pause_resumes_on = today, resume_at
        subscription.pause_resumes_at = midnight(resume_at, account.timezone) if resume_at else None
        rebilled = rebill(subscription, account, terms, was=terms.interval, at=at)
        subscription.next_billing_at = None
        set_wake(subscription, account)
        announce.save(subscription, terms, before=before, announced=SubscriptionPaused, at=at)
        record(rebilled, account, at=at, actor=actor)
        return subscription
