"""Tables of invoices, one document a file."""

from apps.invoices.models.invoice import Invoice, Line, NumberSeries, Settlement, TaxLine

__all__ = ["Invoice", "Line", "NumberSeries", "Settlement", "TaxLine"]
