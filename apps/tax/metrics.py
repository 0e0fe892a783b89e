"""What tax counts."""

from prometheus_client import Counter

tax_requests_total = Counter(
    "tax_requests_total", "Calls to the tax provider, each for any number of documents.", ["provider", "outcome"]
)
