"""Give credit out of goodwill."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts import queries as accounts
from apps.accounts.models import Account
from apps.credits.actions.record import Record, write
from apps.credits.queries import grants
from apps.credits.rules import Source
from apps.kernel.actors import Actor
from apps.kernel.errors import Invalid, Problem
from apps.kernel.money import bounded
from apps.kernel.periods import local_date
from apps.kernel.transactions import unit_of_work
from apps.ledger import rules as ledger
from apps.ledger.actions import post


def grant(
    *,
    account_id: UUID,
    amount: int,
    currency: str,
    reason: str,
    at: datetime,
    actor: Actor,
    expires_at: datetime | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Any:
    """Credit an account; invoices that become final from now on use it by themselves. The row shows what remains.

    Errors (422): account_unknown, credit_not_positive, amount_too_large, currency_mismatch, expires_in_past.
    """
    with unit_of_work(actor):
        account = accounts.lock_open(account_id)
        _check(account, amount, currency, expires_at, at)
        record = Record()
        credit = record.grant(
            account_id=account_id,
            amount=amount,
            currency=currency,
            reason=reason,
            source=Source.GOODWILL,
            expires_at=expires_at,
            metadata=metadata,
            at=at,
        )
        entry = ledger.grant(
            amount=amount,
            currency=currency,
            source_type="credit",
            source_id=credit.id,
            account_id=account_id,
            on=local_date(at, account.timezone),
        )
        post([entry], at=at)
        write(record, actor=actor)
        return grants().get(pk=credit.id)


def _check(account: Account, amount: int, currency: str, expires_at: datetime | None, at: datetime) -> None:
    if amount <= 0:
        raise _refused("credit_not_positive", "/amount", f"A credit of {amount} gives nothing.", "Send more than 0.")
    bounded(amount, what="credit")
    if currency != account.currency:
        detail = f"The account is billed in {account.currency}, not {currency}."
        raise _refused("currency_mismatch", "/currency", detail, f"Send {account.currency}.")
    if expires_at is not None and expires_at <= at:
        detail = f"expires_at lies before the account's time, {at.isoformat()}."
        raise _refused("expires_in_past", "/expires_at", detail, "Send a later instant, or none.")


def _refused(code: str, pointer: str, detail: str, hint: str) -> Invalid:
    return Invalid(code, detail, hint=hint, errors=[Problem(pointer, code, detail)])
