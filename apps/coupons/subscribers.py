"""Coupons on what is sold beside subscriptions: invoices asks for it by its registry."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.accounts.models import Account
from apps.coupons import actions
from apps.coupons.lines import discounted
from apps.coupons.queries import left_of
from apps.invoices.registry import redeems
from apps.invoices.rules import DraftLine
from apps.kernel.actors import Actor


@redeems
def redeem(
    lines: Sequence[DraftLine], *, code: str, account: Account, invoice_id: UUID, at: datetime, actor: Actor
) -> list[DraftLine]:
    """Attach it to this sale, and take off what it gives. Errors: those of attach()."""
    attachment = actions.attach(code=code, account=account, subscription_id=None, plan_id=None, at=at, actor=actor)
    found, uses = discounted(lines, None, left_of([attachment]))
    actions.record_uses([actions.NewUse(attached, invoice_id, amount) for attached, amount in uses], at=at)
    return found
