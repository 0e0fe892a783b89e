"""What an account shows of its credits."""

from apps.accounts.registry import contribute
from apps.credits.queries import balances

contribute("credit_balance", balances, default=0)
