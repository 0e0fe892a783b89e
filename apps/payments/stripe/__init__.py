"""Stripe as a payment gateway: the only place that calls it, by its SDK, with time-outs and no retries of its own."""

from functools import lru_cache

import stripe
from django.conf import settings

from apps.payments.stripe.charges import Charges
from apps.payments.stripe.methods import Methods
from apps.payments.stripe.returns import Returns


class StripeGateway(Methods, Charges, Returns):
    """The gateway Protocol, spoken to Stripe or to the sandbox that stands for it."""


@lru_cache(maxsize=1)
def connect() -> StripeGateway:
    """The gateway with this deployment's key and address; one HTTP session a process."""
    return StripeGateway(
        stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API_BASE},
            http_client=stripe.RequestsClient(timeout=settings.STRIPE_TIMEOUT_SECONDS),
            max_network_retries=0,
        )
    )
