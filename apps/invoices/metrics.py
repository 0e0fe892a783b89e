"""What invoices count for operators."""

from prometheus_client import Counter

GENERATED = Counter("invoices_generated_total", "Invoices made final, counted once they are committed")
