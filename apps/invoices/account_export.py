"""What an account's export holds of its invoices: their lines, what was taken back of them, what waits for the next."""

from apps.accounts.registry import section
from apps.invoices.models import PendingItem
from apps.invoices.objects import InvoiceObject, invoice_objects
from apps.invoices.objects_credit_note import CreditNoteObject, credit_note_objects
from apps.invoices.objects_pending import PendingItemObject, pending_item_objects
from apps.invoices.queries import credit_notes, invoices

section(
    "invoices", InvoiceObject, rows=lambda account_id: invoices().filter(account_id=account_id), show=invoice_objects
)
section(
    "credit_notes",
    CreditNoteObject,
    rows=lambda account_id: credit_notes().filter(account_id=account_id),
    show=credit_note_objects,
)
section(
    "pending_items",
    PendingItemObject,
    rows=lambda account_id: PendingItem.objects.filter(account_id=account_id),
    show=pending_item_objects,
)
