"""What an account shows of its invoices."""

from uuid import UUID

from apps.accounts.registry import expand
from apps.invoices.objects import InvoiceObject, invoice_objects
from apps.invoices.queries import invoices


def _latest_invoice(account_id: UUID) -> InvoiceObject | None:
    latest = invoices().filter(account_id=account_id).order_by("-pk").first()
    return invoice_objects([latest])[0] if latest else None


expand("latest_invoice", _latest_invoice)
