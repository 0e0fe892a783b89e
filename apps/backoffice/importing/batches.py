"""Batches: what is there already is seen, what differs is a fault, what is missing is made in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts import actions as accounts
from apps.accounts.models import Account
from apps.backoffice.importing.checking import Customer
from apps.backoffice.importing.reading import Fault
from apps.kernel.actors import Actor
from apps.kernel.changes import changed
from apps.kernel.transactions import unit_of_work
from apps.payments.actions.attach import QueuedToken, queue_tokens
from apps.plans.rules import Terms
from apps.subscriptions.actions.create import NewSubscription
from apps.subscriptions.actions.create_many import create_many
from apps.subscriptions.models import Subscription


@dataclass
class Imported:
    """How much was made, and how much was there."""

    accounts: int = 0
    accounts_there: int = 0
    subscriptions: int = 0
    subscriptions_there: int = 0
    tokens: int = 0

    def add(self, other: "Imported") -> None:
        """Count another batch."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def differing(customers: Sequence[Customer], terms: Mapping[str, Terms]) -> list[Fault]:
    """Lines whose keys exist with other values; two queries."""
    there, faults = _accounts(customers), []
    taken = _subscriptions_by_key(customers)
    for each in customers:
        account = there.get(each.account["external_key"])
        if account is not None and (differ := _differ(account, each.account)):
            faults.append(
                Fault(
                    each.line, "external_key", f"The account exists with another {', '.join(differ)}.",
                    "Change the account by the API, or take the line out.",
                )
            )  # fmt: skip
        held = taken.get(str(each.subscription.get("external_key") or ""))
        if held is not None and held != (account and account.pk, terms[each.plan].plan_id):
            faults.append(
                Fault(each.line, "subscription_external_key", "Another subscription has this key.", "Choose another.")
            )
    return faults


def bring_in(customers: Sequence[Customer], terms: Mapping[str, Terms], *, at: datetime, actor: Actor) -> Imported:
    """Make what is missing of these customers, in one transaction and a fixed number of queries."""
    done = Imported()
    with unit_of_work(actor):
        there = _accounts(customers)
        made = accounts.create_many(
            documents=[each.account for each in customers if each.account["external_key"] not in there],
            at=at,
            actor=actor,
        )
        done.accounts, done.accounts_there = len(made), len(there)
        ids: dict[str, UUID] = {str(account.external_key): account.pk for account in (*there.values(), *made)}
        of = {each.line: ids[each.account["external_key"]] for each in customers}
        done.tokens = queue_tokens(
            [QueuedToken(of[each.line], each.token) for each in customers if each.token], actor=actor
        )
        subscribed = set(
            Subscription.objects.filter(account_id__in=[account.pk for account in there.values()]).values_list(
                "account_id", "plan_id"
            )
        )
        wanted = [
            NewSubscription(account_id=of[each.line], plan_id=terms[each.plan].plan_id, **each.subscription)
            for each in customers
            if each.plan
        ]
        missing = [new for new in wanted if (new.account_id, new.plan_id) not in subscribed]
        # Last, for it locks the number series.
        create_many(news=missing, terms={each.plan_id: each for each in terms.values()}, at=at, actor=actor)
        done.subscriptions, done.subscriptions_there = len(missing), len(wanted) - len(missing)
    return done


def _accounts(customers: Sequence[Customer]) -> dict[str, Account]:
    keys = [each.account["external_key"] for each in customers]
    rows = Account.objects.filter(external_key__in=keys, deleted_at=None)
    return {str(account.external_key): account for account in rows}


def _subscriptions_by_key(customers: Sequence[Customer]) -> dict[str, tuple[UUID, UUID]]:
    keys = [each.subscription["external_key"] for each in customers if each.subscription.get("external_key")]
    found = Subscription.objects.filter(external_key__in=keys)
    return {
        str(key): (account, plan) for key, account, plan in found.values_list("external_key", "account_id", "plan_id")
    }


def _differ(account: Account, document: Mapping[str, Any]) -> list[str]:
    now = {name: getattr(account, name) for name in document}
    return sorted(changed(now, document))
