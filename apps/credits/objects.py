"""The credit as the API answers with it and events carry it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.credits.rules import Source
from apps.rest.objects import ApiObject


class CreditObject(ApiObject, kw_only=True, frozen=True):
    """Money in an account's favour. Amounts are minor units of `currency`; `remaining` is what is not used yet."""

    id: UUID
    account_id: UUID
    amount: int
    remaining: int
    currency: str
    reason: str
    source: Source
    source_id: UUID | None
    expires_at: datetime | None
    metadata: dict[str, Any]
    created_at: datetime
    url: str


class AppliedCreditObject(CreditObject, kw_only=True, frozen=True):
    """A credit as it stands after a use, with the invoice that it paid and how much of it."""

    applied_invoice_id: UUID
    applied_amount: int


def credit_url(credit_id: UUID) -> str:
    """Where the API shows it."""
    return f"/v1/credits/{credit_id}"


def credit_objects(grants: Iterable[Any]) -> list[CreditObject]:
    """The objects of rows of `queries.grants()`, in their order, without a query."""
    return [
        CreditObject(
            id=grant.pk,
            account_id=grant.account_id,
            amount=grant.amount,
            remaining=grant.remaining,
            currency=grant.currency,
            reason=grant.reason,
            source=Source(grant.source),
            source_id=grant.source_id,
            expires_at=grant.expires_at,
            metadata=grant.metadata,
            created_at=grant.created_at,
            url=credit_url(grant.pk),
        )
        for grant in grants
    ]
