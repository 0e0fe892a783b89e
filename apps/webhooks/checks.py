"""System checks: networks can be read, and a lease outlives the calls that are made under it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from apps.webhooks.rules.schedule import LEASE, TIMEOUT, TURNS
from apps.webhooks.rules.targets import networks


def networks_are_networks(**kwargs: Any) -> list[CheckMessage]:
    """WEBHOOK_ALLOWED_NETWORKS says which private networks may be called."""
    try:
        networks(settings.WEBHOOK_ALLOWED_NETWORKS)
    except ValueError as error:
        hint = "Write networks such as 10.1.0.0/16, separated by commas."
        return [Error(f"WEBHOOK_ALLOWED_NETWORKS cannot be read: {error}.", hint=hint, id="webhooks.E001")]
    return []


def lease_outlives_calls(**kwargs: Any) -> list[CheckMessage]:
    """A lease that ends while its holder calls sends a webhook twice."""
    if timedelta(seconds=TIMEOUT * TURNS) < LEASE:
        return []
    hint = "Make LEASE longer, or claim fewer turns at once."
    return [Error("The lease of a webhook is shorter than its calls.", hint=hint, id="webhooks.E002")]
