"""What subscriptions count."""

from prometheus_client import Counter

usage_thresholds_reached_total = Counter(
    "usage_thresholds_reached_total", "Thresholds of usage that were reached and announced.", ["kind"]
)
renewal_failures_total = Counter("renewal_failures_total", "Renewals of one subscription that stopped with an error.")
