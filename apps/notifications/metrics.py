"""What notifications count and time."""

from prometheus_client import Counter, Histogram

messages_sent_total = Counter("messages_sent_total", "Mails tried, by how it ended.", ["kind", "outcome"])
message_send_seconds = Histogram(
    "message_send_seconds", "Time of one message: its document and the talk with the mail server.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
