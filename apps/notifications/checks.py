"""System checks: live mode has a mail server, and a lease outlives the talk with it."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from apps.notifications.rules import LEASE, TALK


def mail_goes_somewhere(**kwargs: Any) -> list[CheckMessage]:
    """In live mode customers are to get their invoices."""
    if not settings.BILLING_LIVEMODE or "ConsoleBackend" not in settings.EMAIL_BACKEND:
        return []
    hint = "Set EMAIL_URL=smtp+tls://user:password@host:587 (or EMAIL_HOST ...) and DEFAULT_FROM_EMAIL."
    return [Error("BILLING_MODE is live, and no mail server is set.", hint=hint, id="notifications.E001")]


def lease_outlives_talk(**kwargs: Any) -> list[CheckMessage]:
    """A lease that ends while its holder talks to the mail server sends a message twice."""
    longest = TALK * (settings.EMAIL_TIMEOUT or LEASE.total_seconds())
    if longest < LEASE.total_seconds():
        return []
    hint = f"Set it below {LEASE.total_seconds() / TALK:g}."
    return [Error("EMAIL_TIMEOUT is too long for the lease of a message.", hint=hint, id="notifications.E002")]
