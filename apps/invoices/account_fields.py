"""What an account shows of its invoices, and which of them are not settled."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from apps.accounts.registry import expand, keeps
from apps.invoices.models import Invoice, PendingItem
from apps.invoices.objects import InvoiceObject, invoice_objects
from apps.invoices.queries import latest_of_account
from apps.invoices.rules import Status

NAMED = 20


def _latest_invoice(account_id: UUID) -> InvoiceObject | None:
    latest = latest_of_account(account_id)
    return invoice_objects([latest])[0] if latest else None


expand("latest_invoice", _latest_invoice)


def _owed(account_id: UUID, at: datetime) -> Iterator[str]:
    rows = Invoice.objects.filter(account_id=account_id, status__in=[Status.OPEN, Status.DRAFT]).order_by("pk")
    for pk, number in rows.values_list("pk", "number")[:NAMED]:
        yield f"Invoice {number} is not paid." if number else f"Invoice {pk} is a draft."


def _pending(account_id: UUID, at: datetime) -> Iterator[str]:
    rows = PendingItem.objects.filter(account_id=account_id, invoice_id=None, removed_at=None).order_by("pk")
    for pk in rows.values_list("pk", flat=True)[:NAMED]:
        yield f"Pending item {pk} waits for an invoice."


keeps("invoices", _owed)
keeps("pending_items", _pending)
