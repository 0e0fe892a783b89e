"""An invoice that was open and of which nothing is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection

from apps.events.publish import publish
from apps.events.rules import Lane
from apps.invoices.events import InvoicePaid
from apps.invoices.models import Invoice
from apps.invoices.objects import invoice_objects
from apps.invoices.rules import Status
from apps.kernel import clock

_PAID = """
UPDATE invoices_invoice AS invoice SET status = 'PAID', paid_at = paid.at, version = version + 1, updated_at = %s
FROM unnest(%s::uuid[], %s::timestamptz[]) AS paid (id, at) WHERE invoice.id = paid.id
"""


@dataclass(frozen=True)
class Paid:
    """`amount` was the whole balance; it is counted in that column of the object already, if it has one."""

    invoice_id: UUID
    amount: int
    at: datetime
    column: Literal["amount_paid", "credits_applied"] | None


def mark_paid(paid: Sequence[Paid], *, lane: Lane) -> None:
    """Mark these invoices PAID and announce it, in a fixed number of queries.

    They are locked, and what settled them is written.
    """
    if not paid:
        return
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [clock.wall(), [one.invoice_id for one in paid], [one.at for one in paid]])
    rows = Invoice.objects.in_bulk([one.invoice_id for one in paid])
    objects = invoice_objects([rows[one.invoice_id] for one in paid])
    publish(
        [
            InvoicePaid(
                object=shown,
                object_id=shown.id,
                account_id=shown.account_id,
                effective_at=one.at,
                previous_attributes={
                    "status": Status.OPEN.value,
                    "paid_at": None,
                    "balance": one.amount,
                    **({one.column: getattr(shown, one.column) - one.amount} if one.column else {}),
                },
            )
            for one, shown in zip(paid, objects, strict=True)
        ],
        lane=lane,
    )
