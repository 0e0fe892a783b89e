"""Tables of invoices, one document a file."""

from apps.invoices.models.invoice import Invoice, Line, NumberSeries, Settlement, TaxLine
from apps.invoices.models.pending import PendingItem

__all__ = ["Invoice", "Line", "NumberSeries", "PendingItem", "Settlement", "TaxLine"]
