"""Stripe as a payment gateway: the only place that calls it, by its SDK, with time-outs and no retries of its own."""

from functools import lru_cache

import requests
import stripe
from django.conf import settings
from requests.adapters import HTTPAdapter

from apps.payments.stripe.charges import Charges
from apps.payments.stripe.methods import Methods
from apps.payments.stripe.returns import Returns


class StripeGateway(Methods, Charges, Returns):
    """The gateway Protocol, spoken to Stripe or to the sandbox that stands for it."""


@lru_cache(maxsize=1)
def connect() -> StripeGateway:
    """The gateway with this deployment's key and address; one HTTP session a process, whichever thread calls.

    Left to itself the SDK makes one for each thread, and so connects anew whenever a sweep begins.
    """
    session = requests.Session()
    # Told by the environment once: to look for proxies there costs a fifth of each call.
    session.proxies = requests.utils.get_environ_proxies(settings.STRIPE_API_BASE)
    session.trust_env = False
    session.mount(settings.STRIPE_API_BASE, HTTPAdapter(pool_maxsize=settings.STRIPE_CALLS_AT_ONCE))
    return StripeGateway(
        stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API_BASE},
            http_client=stripe.RequestsClient(timeout=settings.STRIPE_TIMEOUT_SECONDS, session=session),
            max_network_retries=0,
        )
    )
