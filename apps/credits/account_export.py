"""What an account's export holds of its credits: each of them, and what became of it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from apps.accounts.registry import section
from apps.credits.models import Use
from apps.credits.objects import CreditObject, credit_objects
from apps.credits.queries import grants
from apps.credits.rules import UseKind
from apps.rest.objects import ApiObject


class CreditUseObject(ApiObject, kw_only=True, frozen=True):
    """A part of a credit that went to an invoice, came back from one (below zero), expired or was taken back."""

    id: UUID
    credit_id: UUID
    kind: UseKind
    invoice_id: UUID | None
    amount: int
    at: datetime


def _uses(rows: Iterable[Use]) -> list[CreditUseObject]:
    return [
        CreditUseObject(
            id=row.pk,
            credit_id=row.grant_id,
            kind=UseKind(row.kind),
            invoice_id=row.invoice_id,
            amount=row.amount,
            at=row.at,
        )
        for row in rows
    ]


section("credits", CreditObject, rows=lambda account_id: grants().filter(account_id=account_id), show=credit_objects)
section(
    "credit_uses",
    CreditUseObject,
    rows=lambda account_id: Use.objects.filter(grant__account_id=account_id),
    show=_uses,
)
