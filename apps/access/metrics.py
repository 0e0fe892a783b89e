"""Metrics of access."""

from prometheus_client import Counter

rate_limit_bypassed = Counter("rate_limit_bypassed", "Requests let through uncounted, because Redis was away or slow")
