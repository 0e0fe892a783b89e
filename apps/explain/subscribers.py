"""What explain does for the apps below: an invoice's document says why it is not what the one before was."""

from apps.explain.bill_change import why_changed
from apps.invoices.registry import compares

compares(why_changed)
