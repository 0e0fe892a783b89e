"""What an account shows of its invoices."""

from uuid import UUID

from apps.accounts.registry import expand
from apps.invoices.objects import InvoiceObject, invoice_objects
from apps.invoices.queries import latest_of_account


def _latest_invoice(account_id: UUID) -> InvoiceObject | None:
    latest = latest_of_account(account_id)
    return invoice_objects([latest])[0] if latest else None


expand("latest_invoice", _latest_invoice)
