"""Differences as the API answers with them and events carry them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.payments.models import Difference
from apps.payments.reconcile_rules import DifferenceKind, DifferenceStatus, Fix
from apps.rest.objects import ApiObject


class ReconciliationDifferenceObject(ApiObject, kw_only=True, frozen=True):
    """The gateway and our books do not agree about `subject`: the gateway's id of a charge, a payment, or a currency.

    `outside_amount` is what the gateway says, `our_amount` what our books do, in minor units. `fix`: what POST apply
    would do; BY_HAND for nothing.
    """

    id: UUID
    kind: DifferenceKind
    subject: str
    status: DifferenceStatus
    fix: Fix
    account_id: UUID | None
    payment_id: UUID | None
    outside_amount: int
    outside_currency: str
    our_amount: int
    our_currency: str
    reason: str | None
    seen_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    created_at: datetime
    url: str


def difference_objects(rows: Sequence[Difference]) -> list[ReconciliationDifferenceObject]:
    """The objects of these differences, in their order."""
    return [
        ReconciliationDifferenceObject(
            id=row.pk,
            kind=DifferenceKind(row.kind),
            subject=row.subject,
            status=DifferenceStatus(row.status),
            fix=Fix(row.fix),
            account_id=row.account_id,
            payment_id=row.payment_id,
            outside_amount=row.outside_amount,
            outside_currency=row.outside_currency,
            our_amount=row.our_amount,
            our_currency=row.our_currency,
            reason=row.reason or None,
            seen_at=row.seen_at,
            closed_at=row.closed_at,
            closed_by=row.closed_by or None,
            created_at=row.created_at,
            url=f"/v1/reconciliation/differences/{row.pk}",
        )
        for row in rows
    ]
