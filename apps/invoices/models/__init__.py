"""Tables of invoices, one document a file."""

from apps.invoices.models.credit_note import CreditNote, CreditNoteLine, WriteOff
from apps.invoices.models.invoice import Invoice, Line, NumberSeries, Settlement, TaxLine
from apps.invoices.models.pending import PendingItem

__all__ = [
    "CreditNote", "CreditNoteLine", "Invoice", "Line", "NumberSeries", "PendingItem", "Settlement", "TaxLine",
    "WriteOff",
]  # fmt: skip
