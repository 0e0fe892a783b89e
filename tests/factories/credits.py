"""Credits, through their action."""

from datetime import datetime
from typing import Any

from apps.accounts.models import Account
from apps.credits.actions.grant import grant
from tests.factories.invoices import ACTOR, AT


def credit(account: Account, amount: int = 1000, *, at: datetime = AT, **fields: Any) -> Any:
    """Goodwill in the account's currency."""
    given = {"currency": account.currency, "reason": "Sorry for the outage"}
    return grant(account_id=account.pk, amount=amount, at=at, actor=ACTOR, **{**given, **fields})
