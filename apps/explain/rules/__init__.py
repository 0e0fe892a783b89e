"""The derivation of invoices: pure."""

from apps.explain.rules.derivation import Derived, DerivedLine, Share, derive, price_of
from apps.explain.rules.stored import Count, Difference, Group, Invoice, Line

__all__ = ["Count", "Derived", "DerivedLine", "Difference", "Group", "Invoice", "Line", "Share", "derive", "price_of"]
