"""What payments count and time."""

from prometheus_client import Counter, Histogram

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10)

payments_attempted_total = Counter("payments_attempted_total", "Attempts to collect, by how they ended.", ["status"])
refunds_total = Counter("refunds_total", "Refunds, by how they ended.", ["status"])
disputes_total = Counter("disputes_total", "Disputes, by the state in which we first heard of them.", ["status"])
stripe_requests_total = Counter("stripe_requests_total", "Calls to Stripe.", ["operation", "outcome"])
stripe_request_duration_seconds = Histogram(
    "stripe_request_duration_seconds", "Time of a call to Stripe.", ["operation"], buckets=BUCKETS
)
