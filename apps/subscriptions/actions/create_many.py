"""Creation of many: the same days, rules, events and bill() as for one, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from apps.accounts import queries as accounts
from apps.accounts.models import Account
from apps.accounts.rules import OverdueStatus
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict
from apps.kernel.periods import local_date
from apps.kernel.transactions import unit_of_work
from apps.plans.rules import Terms
from apps.subscriptions.actions.bill import begun, counting, drawn_up, move_on, write
from apps.subscriptions.actions.create import NewSubscription, blocked, plan_days, unsaved, waived
from apps.subscriptions.actions.metering import count, since
from apps.subscriptions.events import SubscriptionCreated
from apps.subscriptions.models import BilledPeriod, Subscription
from apps.subscriptions.objects import subscription_objects
from apps.subscriptions.rules.charges import full_price
from apps.subscriptions.rules.lifecycle import LIVE


def create_many(
    *, news: Sequence[NewSubscription], terms: Mapping[UUID, Terms], at: datetime, actor: Actor
) -> list[Subscription]:
    """Subscribe many accounts, all or none: every period that has begun by `at` is billed at once.

    `terms`: those that each plan sells now, by the plan's id; the caller has seen that it is still sold. All the
    accounts live on the same clock, on which it is `at`. Call it last in a
    transaction (see bill.write()). No coupons: see create().
    Errors: those of create(), of whichever comes first.
    """
    if not news:
        return []
    with unit_of_work(actor):
        payers = accounts.lock({new.account_id for new in news})
        _check(news, payers)
        made, waiting, billings = [], [], []
        for new in news:
            payer, sold = payers[new.account_id], terms[new.plan_id]
            full_price(sold.price(payer.currency), new.quantity)
            start, days = plan_days(new, payer, sold, at)
            subscription = unsaved(new, payer, sold, start, days, today=local_date(at, payer.timezone))
            billing = begun(subscription, payer, sold, at=at)
            move_on(billing)
            made.append(subscription)
            waiting += waived(subscription, days.trial_end or start, days.first_day)
            billings.append(billing)
        Subscription.objects.bulk_create(made)
        BilledPeriod.objects.bulk_create(waiting)
        versions = {each.plan_version_id: each.version for each in terms.values()}
        shown = subscription_objects(made, versions=versions, waiting={})
        publish(
            [
                SubscriptionCreated(object=each, object_id=each.id, account_id=each.account_id, effective_at=at)
                for each in shown
            ],
            lane=Lane.RUN,
        )
        count(
            [
                counting(each)
                if each.periods
                else since(each.subscription, each.account, each.terms, today=each.subscription.start_date)
                for each in billings
            ],
            (),
        )
        write(drawn_up(billings), accounts=payers, at=at, actor=actor, lane=Lane.RUN)
        return made


def _check(news: Sequence[NewSubscription], payers: Mapping[UUID, Account]) -> None:
    for payer in payers.values():
        if payer.overdue_status == OverdueStatus.BLOCKED:
            raise blocked()
    keys = [new.external_key for new in news if new.external_key]
    live = Q(account_id__in=payers, plan_id__in={new.plan_id for new in news}, status__in=LIVE)
    wanted = {(new.account_id, new.plan_id) for new in news}
    for account_id, plan_id, key in Subscription.objects.filter(live | Q(external_key__in=keys)).values_list(
        "account_id", "plan_id", "external_key"
    ):
        if (account_id, plan_id) in wanted or key in keys:
            raise Conflict(
                "subscription_exists",
                f"Account {account_id} has been subscribed meanwhile, or the external_key {key!r} is taken.",
                hint="Run it again: what is there by then is left alone.",
            )
