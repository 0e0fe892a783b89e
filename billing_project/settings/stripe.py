"""Stripe, or the sandbox that speaks like it: only the addresses differ."""

from billing_project.settings.environment import LIVE, env

STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_TIMEOUT_SECONDS = env.float("STRIPE_TIMEOUT_SECONDS", default=10.0)
STRIPE_CALLS_AT_ONCE = env.int("STRIPE_CALLS_AT_ONCE", default=32)
"""Charges that one worker process has under way side by side."""

STRIPE_LIVE_MODE = LIVE
STRIPE_LIVE_SECRET_KEY = STRIPE_SECRET_KEY if LIVE else ""
STRIPE_TEST_SECRET_KEY = "" if LIVE else STRIPE_SECRET_KEY
STRIPE_API_HOST = STRIPE_API_BASE
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
DJSTRIPE_WEBHOOK_VALIDATION = "verify_signature"
STRIPE_WEBHOOK_UUID = env.str("STRIPE_WEBHOOK_UUID", default="01980000-0000-7000-8000-000000000001")
"""Names the path at which webhooks arrive: /stripe/webhook/<uuid>. No secret: each call is verified by signature."""
DJSTRIPE_WEBHOOK_EVENT_CALLBACK = "apps.payments.webhook.store"
STRIPE_PUBLISHABLE_KEY = env.str("STRIPE_PUBLISHABLE_KEY", default="")
"""With it Stripe's own form, on our page, takes a customer's card; we never see it."""
STRIPE_SETUP_URL = "" if LIVE else env.str("STRIPE_SETUP_URL", default="")
"""A page of the gateway's that takes the card instead, as the sandbox has one."""
PAYMENT_RETURN_URL = env.str("PAYMENT_RETURN_URL", default="")
"""Where a customer is sent who has confirmed a payment at their bank; to the invoice's page if it is empty."""
PAYMENT_GATEWAY = env.str("PAYMENT_GATEWAY", default="apps.payments.stripe.connect")
PAYMENT_LIMITS = env.str("PAYMENT_LIMITS", default="apps.payments.stripe.limits.limits")
"""By currency, how much that gateway takes in one charge."""

SILENCED_SYSTEM_CHECKS = [
    # STRIPE_API_HOST is set on purpose: it is where the SDK itself goes, by default Stripe's own address.
    "djstripe.W002",
]
