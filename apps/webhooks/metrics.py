"""What webhooks count and time."""

from prometheus_client import Counter, Histogram

webhook_deliveries_total = Counter(
    "webhook_deliveries_total", "Deliveries of events to endpoints, by how an attempt left them.", ["outcome"]
)
"""`delivered`, `retried` (to be tried again), `failed` (given up)."""
webhook_delivery_duration_seconds = Histogram(
    "webhook_delivery_duration_seconds",
    "Time of one call of an endpoint.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 15),
)
webhook_endpoints_disabled_total = Counter("webhook_endpoints_disabled_total", "Endpoints disabled by us.", ["reason"])
