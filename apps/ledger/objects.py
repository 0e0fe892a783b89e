"""What the API shows of the books."""

from collections.abc import Sequence

from apps.ledger.queries import Row
from apps.rest.objects import ApiObject


class TrialBalanceObject(ApiObject, kw_only=True, frozen=True):
    """One ledger account in one currency, in minor units; `balance` = debit - credit."""

    currency: str
    ledger_account: str
    debit: int
    credit: int
    balance: int


def trial_balance_objects(rows: Sequence[Row]) -> list[TrialBalanceObject]:
    """The rows as the API answers them."""
    return [
        TrialBalanceObject(
            currency=row.currency,
            ledger_account=row.ledger_account,
            debit=row.debit,
            credit=row.credit,
            balance=row.balance,
        )
        for row in rows
    ]
