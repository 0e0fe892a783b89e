"""System checks: the keys fit the deployment's mode, and a lease outlives the calls made under it."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from apps.payments.rules import CALLS_PER_TURN, LEASE

PREFIXES = {True: ("sk_live_", "rk_live_"), False: ("sk_test_", "rk_test_")}


def keys_fit_the_mode(**kwargs: Any) -> list[CheckMessage]:
    """A live key in test mode would charge real cards; a test key or none in live mode would collect nothing."""
    live, key = settings.BILLING_LIVEMODE, settings.STRIPE_SECRET_KEY
    if live:
        missing = keys_are_set()
        if missing:
            return missing
    if not key or key.startswith(PREFIXES[live]):
        return []
    mode, other = ("live", "test") if live else ("test", "live")
    if key.startswith(PREFIXES[not live]):
        hint = f"Set a key that begins with {PREFIXES[live][0]}, or BILLING_MODE={other}."
        return [
            Error(f"STRIPE_SECRET_KEY is a {other} key, but BILLING_MODE is {mode}.", hint=hint, id="payments.E001")
        ]
    hint = f"A secret key begins with {PREFIXES[live][0]} (restricted: {PREFIXES[live][1]})."
    return [Error("STRIPE_SECRET_KEY is not a secret key of Stripe's.", hint=hint, id="payments.E002")]


def keys_are_set(**kwargs: Any) -> list[CheckMessage]:
    """In test mode asked by `check --deploy` alone: a build or a migration needs no keys."""
    found: list[CheckMessage] = []
    if not settings.STRIPE_SECRET_KEY:
        hint = f"Set it to a key that begins with {PREFIXES[settings.BILLING_LIVEMODE][0]}."
        found.append(Error("STRIPE_SECRET_KEY is not set.", hint=hint, id="payments.E003"))
    if not settings.STRIPE_WEBHOOK_SECRET:
        hint = "Set it to the endpoint's signing secret (whsec_...): without it every webhook is refused."
        found.append(Error("STRIPE_WEBHOOK_SECRET is not set.", hint=hint, id="payments.E004"))
    return found


def lease_outlives_calls(**kwargs: Any) -> list[CheckMessage]:
    """A lease that ends while its holder waits for an answer is no lease. A call may wait to connect and to read."""
    longest = CALLS_PER_TURN * 2 * settings.STRIPE_TIMEOUT_SECONDS
    if longest < LEASE.total_seconds():
        return []
    hint = f"Set it below {LEASE.total_seconds() / CALLS_PER_TURN / 2:g}, or lengthen LEASE in apps/payments/rules.py."
    return [
        Error(
            f"STRIPE_TIMEOUT_SECONDS is too long: a turn takes {longest:g} s, its lease {LEASE.total_seconds():g} s.",
            hint=hint,
            id="payments.E005",
        )
    ]


def customers_can_renew(**kwargs: Any) -> list[CheckMessage]:
    """Customers give a new payment method in Stripe's form, which needs a key of its own; the sandbox has a page."""
    key, prefix = settings.STRIPE_PUBLISHABLE_KEY, "pk_live_" if settings.BILLING_LIVEMODE else "pk_test_"
    if key and not key.startswith(prefix):
        hint = f"Set it to Stripe's publishable key of this mode, {prefix}..."
        return [Error("STRIPE_PUBLISHABLE_KEY is of the other mode, or another key.", hint=hint, id="payments.E008")]
    if key or settings.STRIPE_SETUP_URL:
        return []
    hint = f"Set it to {prefix}..., from Stripe's dashboard."
    return [
        Warning(
            "STRIPE_PUBLISHABLE_KEY is not set: customers cannot renew their payment method on the page of an invoice.",
            hint=hint,
            id="payments.W002",
        )
    ]
