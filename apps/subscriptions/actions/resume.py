"""The end of a pause: somebody resumes it, its date comes, or it lasts too long."""

from datetime import date, datetime
from uuid import UUID

from apps.accounts.models import Account
from apps.events.rules import Lane
from apps.kernel.actors import Actor
from apps.kernel.periods import local_date, midnight
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.plans.rules import Terms
from apps.rest import etags
from apps.subscriptions import queries
from apps.subscriptions.actions import announce, schedule
from apps.subscriptions.actions.bill import Billing, begun, count_on, drawn_up, move_on
from apps.subscriptions.actions.day_end import invoice_day
from apps.subscriptions.actions.ending import end
from apps.subscriptions.actions.metering import follow, go_on
from apps.subscriptions.actions.portions import Portion
from apps.subscriptions.actions.rating import Rated, rate
from apps.subscriptions.actions.rebill import Rebilled, move_anchor, rebill, record
from apps.subscriptions.actions.standing import interval_billed, standing
from apps.subscriptions.actions.supersede import supersede
from apps.subscriptions.actions.waived import waive, waived_up_to
from apps.subscriptions.events import SubscriptionCancelled, SubscriptionExpired, SubscriptionResumed
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules import pauses
from apps.subscriptions.rules.lifecycle import Status, Verb, demand
from apps.subscriptions.rules.scheduled import ChangeKind, Outcome
from apps.subscriptions.usage_queries import last_terms


def resume(*, subscription_id: UUID, expected_version: int | None = None, at: datetime, actor: Actor) -> Subscription:
    """Go on: today's local day is billed again, to the end of the anchored period that holds it.

    Errors: subscription_not_found (404), version_changed (412), price_missing, amount_too_large (422);
    transition_illegal, already_cancelled, subscription_expired (409).
    """
    if wake(subscription_id=subscription_id, at=at, actor=actor) and expected_version is not None:
        expected_version += 1
    invoice_day(subscription_id=subscription_id, at=at, actor=actor)
    with unit_of_work(actor):
        account, subscription = queries.lock_one(subscription_id)
        etags.demand(subscription.version, expected_version)
        demand(Verb.RESUME, subscription.status)
        _resume(subscription, account, on=local_date(at, account.timezone), at=at, actor=actor, lane=Lane.API)
        return subscription


def wake(*, subscription_id: UUID, at: datetime, actor: Actor) -> bool:
    """End a pause whose time has come, as it was meant to end; False where nothing was due (any more).

    It may be late: the days count from the date that was meant, and what has begun since is billed.
    """
    if not Subscription.objects.filter(pk=subscription_id, wakes_at__lte=at).exists():
        return False
    with unit_of_work(actor):
        account, subscription = queries.lock_one(subscription_id)
        if subscription.wakes_at is None or subscription.wakes_at > at:
            return False
        day, how = _wakes(subscription)
        if how is pauses.Wake.RESUME:
            _resume(subscription, account, on=day, at=at, actor=actor, lane=Lane.RUN)
        else:
            _give_up(subscription, how, at=at)
        return True


def set_wake(subscription: Subscription, account: Account) -> None:
    """Set in memory when the pause comes to its end by itself."""
    day, _ = _wakes(subscription)
    subscription.wakes_at = midnight(day, account.timezone)


def _wakes(subscription: Subscription) -> tuple[date, pauses.Wake]:
    if subscription.paused_on is None:
        raise ValueError("a pause knows its first day")
    ends = queries.waiting_changes([subscription.pk]).get(subscription.pk, {}).get(ChangeKind.CANCEL)
    return pauses.wakes(
        paused_on=subscription.paused_on,
        resumes_on=subscription.pause_resumes_on,
        cancels_on=ends.due_date if ends else None,
        ends_on=subscription.ends_on,
    )


def _resume(subscription: Subscription, account: Account, *, on: date, at: datetime, actor: Actor, lane: Lane) -> None:
    """Bill again from local day `on`, under what is agreed by then."""
    old = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
    before = announce.shown(subscription, old)
    supersede(subscription, account, old, at=at, actor=actor)
    waiting = queries.waiting_changes([subscription.pk]).get(subscription.pk, {})
    change, terms = waiting.get(ChangeKind.CHANGE), old
    if change is not None and change.due_date <= on:
        version_id = schedule.version_of(change) or old.plan_version_id
        terms = schedule.applied(subscription, change, plans.terms([version_id]))
        schedule.close(waiting, [ChangeKind.CHANGE], Outcome.APPLIED)
    if subscription.paused_on is not None and subscription.paused_on < on:
        waive(subscription, subscription.paused_on, on)
    subscription.status = Status.ACTIVE
    subscription.paused_on = subscription.paused_at = subscription.wakes_at = None
    subscription.pause_resumes_on = subscription.pause_resumes_at = None
    made = _billed_again(subscription, account, terms, on=on, at=at)
    announce.save(subscription, terms, before=before, announced=SubscriptionResumed, at=at)
    record(made, account, at=at, actor=actor, lane=lane)


def _billed_again(subscription: Subscription, account: Account, terms: Terms, *, on: date, at: datetime) -> Rebilled:
    was = interval_billed(subscription) or terms.interval
    go_on(subscription, account, terms, today=on)
    if standing(subscription, on).rows:
        # Paused and resumed on one day, or the credit of the pause was voided: the days were never given back.
        subscription.next_billing_at = subscription.current_period_end
        rebilled = rebill(subscription, account, terms, was=was, at=at)
        follow(subscription, account, terms, today=on)
        return rebilled
    on = waived_up_to(subscription, on)
    subscription.billed_to, subscription.next_billing_at = on, midnight(on, account.timezone)
    if was != terms.interval:
        move_anchor(subscription, on, today=on)
    billing = begun(subscription, account, terms, at=at, resumed=True)
    usage = _since_before(subscription, account, billing) | count_on([billing])
    move_on(billing)
    return Rebilled(drawn_up([billing], usage))


def _since_before(subscription: Subscription, account: Account, billing: Billing) -> dict[UUID, Rated]:
    """The period in which it was paused is over, if this is another: what is still due of it."""
    paused = last_terms([subscription.pk]).get(subscription.pk)
    if paused is None or not billing.periods or paused.period_start == billing.periods[0].charge.full.start:
        return {}
    return rate([Portion(subscription, account, paused.since_on, paused.since_at)])


def _give_up(subscription: Subscription, how: pauses.Wake, *, at: datetime) -> None:
    """It ends in its pause: nothing is to credit, and nothing to charge."""
    terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
    before = announce.shown(subscription, terms)
    waiting = queries.waiting_changes([subscription.pk]).get(subscription.pk, {})
    reason = ""
    if how is pauses.Wake.CANCEL:
        reason = str(waiting[ChangeKind.CANCEL].details.get("reason") or "")
        schedule.close(waiting, [ChangeKind.CANCEL], Outcome.APPLIED)
        waiting.pop(ChangeKind.CANCEL)
    elif how is pauses.Wake.GIVE_UP:
        reason = pauses.PAUSED_TOO_LONG
    schedule.close(waiting, ChangeKind, Outcome.REMOVED)
    expires = how is pauses.Wake.EXPIRE
    end(
        subscription,
        at=subscription.wakes_at or at,
        reason=reason,
        status=Status.EXPIRED if expires else Status.CANCELLED,
    )
    announced = SubscriptionExpired if expires else SubscriptionCancelled
    announce.save(subscription, terms, before=before, announced=announced, at=at)
