"""What subscriptions count."""

from prometheus_client import Counter

renewal_failures_total = Counter("renewal_failures_total", "Renewals of one subscription that stopped with an error.")
