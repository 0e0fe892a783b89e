"""What an account shows of its credits; while any is left, it stays."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from apps.accounts.registry import contribute, keeps
from apps.credits.queries import balances

contribute("credit_balance", balances, default=0)


def _left(account_id: UUID, at: datetime) -> Iterator[str]:
    if amount := balances([account_id]).get(account_id, 0):
        yield f"Credit of {amount} minor units is left."


keeps("credits", _left)
