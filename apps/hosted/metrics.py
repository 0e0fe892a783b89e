"""What customers did on their pages."""

from prometheus_client import Counter

hosted_actions_total = Counter(
    "hosted_actions_total", "What customers did on the pages of their invoices.", ["action", "outcome"]
)
