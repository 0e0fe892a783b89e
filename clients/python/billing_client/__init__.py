"""Client of the billing API. `Billing` blocks, `AsyncBilling` does not; both have the same methods."""

from billing_client.client import AsyncBilling, Billing
from billing_client.errors import ApiError, ConnectionFailed
from billing_client.usage import AsyncUsageBatcher, UsageBatcher
from billing_client.webhooks import Gaps, WebhookRefused, verify

__all__ = [
    "ApiError",
    "AsyncBilling",
    "AsyncUsageBatcher",
    "Billing",
    "ConnectionFailed",
    "Gaps",
    "UsageBatcher",
    "WebhookRefused",
    "verify",
]
