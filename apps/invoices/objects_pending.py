"""A line that waits for an invoice, as the API answers with it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from apps.invoices.models import PendingItem
from apps.invoices.objects import plain
from apps.rest.objects import ApiObject


class PendingItemObject(ApiObject, kw_only=True, frozen=True):
    """A line that waits for the next invoice of its subscription, or (none) of its account. Net of no tax yet.

    `invoice_id`: the invoice that it is on; until then, and once it is removed, null. `invoice_at`: when it is to be
    invoiced at the latest; null where it waits for the next invoice, whenever that is.
    """

    id: UUID
    account_id: UUID
    subscription_id: UUID | None
    currency: str
    description: str
    quantity: Decimal
    unit_amount: Decimal | None
    amount: int
    invoice_at: datetime | None
    invoice_id: UUID | None
    removed_at: datetime | None
    created_at: datetime
    url: str


def pending_item_objects(rows: Sequence[PendingItem]) -> list[PendingItemObject]:
    """The objects of these rows, in their order."""
    return [_item(row) for row in rows]


def _item(row: PendingItem) -> PendingItemObject:
    line = row.draft_line()
    return PendingItemObject(
        id=row.pk,
        account_id=row.account_id,
        subscription_id=row.subscription_id,
        currency=row.currency,
        description=line.description,
        quantity=plain(line.quantity),
        unit_amount=None if line.unit_amount is None else plain(line.unit_amount),
        amount=line.amount,
        invoice_at=row.invoice_at,
        invoice_id=row.invoice_id,
        removed_at=row.removed_at,
        created_at=row.created_at,
        url=f"/v1/pending-items/{row.pk}",
    )
