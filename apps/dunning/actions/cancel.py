"""Cancel what somebody has not paid for so long that the policy ends it: nothing is credited."""

from collections.abc import Collection
from uuid import UUID

import structlog

from apps.accounts import queries as accounts
from apps.accounts.rules import OverdueStatus
from apps.dunning import queries
from apps.kernel.actors import Actor
from apps.kernel.membership import among
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import LIVE

NONPAYMENT = "nonpayment"

logger = structlog.get_logger(__name__)


def cancel_unpaid(account_ids: Collection[UUID], *, actor: Actor) -> int:
    """Cancel every live subscription of those of these accounts that are still BLOCKED, in the caller's transaction;
    returns how many. Who has paid meanwhile keeps them.

    Whatever refuses is raised: the caller is tried again, and staff see it among the dead deliveries if it stays so.
    """
    blocked = accounts.lock(account_ids).values()
    at = queries.times(account for account in blocked if account.overdue_status == OverdueStatus.BLOCKED)
    rows = Subscription.objects.filter(among("account_id", at), status__in=[each.value for each in LIVE]).order_by("pk")
    ids = list(rows.values_list("pk", "account_id"))
    for subscription_id, account_id in ids:
        cancel(subscription_id=subscription_id, credit_unused=False, reason=NONPAYMENT, at=at[account_id], actor=actor)
        logger.info("cancelled_for_nonpayment", account_id=str(account_id), subscription_id=str(subscription_id))
    return len(ids)
