"""Lines that wait for an invoice: written, billed by one, or removed before."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.accounts.models import Account
from apps.invoices.models.pending import PendingItem, told
from apps.invoices.rules import DraftLine
from apps.kernel.actors import Actor
from apps.kernel.ids import uuid7
from apps.kernel.transactions import unit_of_work

_BILLED = """
UPDATE invoices_pendingitem AS item SET invoice_id = billed.invoice_id
FROM unnest(%s::uuid[], %s::uuid[]) AS billed (id, invoice_id)
WHERE item.id = billed.id AND item.invoice_id IS NULL AND item.removed_at IS NULL
"""


def add(
    drafts: Sequence[tuple[Account, DraftLine]], *, at: datetime, actor: Actor, invoice_at: datetime | None = None
) -> list[PendingItem]:
    """Let these lines wait for the next invoice of their subscription, or of the account.

    `invoice_at`: where they have an invoice of their own then, if no other has taken them before.
    """
    if not drafts:
        return []
    with unit_of_work(actor):
        return PendingItem.objects.bulk_create([
            PendingItem(
                id=line.id or uuid7(),
                account=account,
                subscription_id=line.subscription_id,
                currency=account.currency,
                line=told(line),
                at=at,
                invoice_at=invoice_at,
            )
            for account, line in drafts
        ])  # fmt: skip


def billed(invoices: Mapping[UUID, UUID]) -> None:
    """These items (by id) are on these invoices. Inside the caller's transaction, which has locked the accounts."""
    if not invoices:
        return
    with connection.cursor() as cursor:
        cursor.execute(_BILLED, [list(invoices), list(invoices.values())])


def remove(ids: Collection[UUID], *, at: datetime) -> int:
    """Take these back, if they still wait; how many did. Inside the caller's transaction."""
    return PendingItem.objects.filter(pk__in=ids, invoice_id=None, removed_at=None).update(removed_at=at)
