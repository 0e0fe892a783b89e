"""Subscriptions, through their action."""

from datetime import UTC, datetime
from typing import Any

from apps.accounts.models import Account
from apps.kernel.actors import Actor, system
from apps.payments.models import PaymentMethod
from apps.payments.rules import MethodStatus
from apps.plans.models import Plan
from apps.subscriptions.actions.create import NewSubscription, create
from apps.subscriptions.models import Subscription
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan

ACTOR = system("tests")
AT = datetime(2026, 4, 1, 12, tzinfo=UTC)


def make_subscription(
    *, account: Account | None = None, plan: Plan | None = None, at: datetime = AT, actor: Actor = ACTOR, **fields: Any
) -> Subscription:
    """A subscription begun on the local day of `at`, of a new account to a new monthly plan unless told otherwise."""
    payer, sold = account or make_account(at=at), plan or make_plan(at=at)
    new = NewSubscription(account_id=payer.pk, plan_id=sold.pk, **fields)
    return create(new=new, at=at, actor=actor).subscription


def with_card(account: Account) -> PaymentMethod:
    """The account can be charged: a default card, as the gateway's verification leaves it."""
    return PaymentMethod.objects.create(
        account=account, status=MethodStatus.ACTIVE, token="pm_card_visa", is_default=True, type="card",
        gateway_id=f"pm_{account.pk.hex}",
    )  # fmt: skip
