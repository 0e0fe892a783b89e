"""The app, as Django registers it."""

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import register
from django.core.checks.registry import registry
from djstripe import checks as djstripe_checks

from apps.payments.checks import customers_can_renew, keys_are_set, keys_fit_the_mode, lease_outlives_calls


class PaymentsConfig(AppConfig):
    name = "apps.payments"

    def ready(self) -> None:
        register(keys_fit_the_mode)
        if not settings.BILLING_LIVEMODE:
            register(keys_are_set, deploy=True)
        register(customers_can_renew, deploy=not settings.BILLING_LIVEMODE)
        register(lease_outlives_calls)
        # It warns, without an id to silence it by, that callbacks are deprecated for signals. The signals do not stop
        # dj-stripe from calling Stripe within the webhook's request; the callback does.
        registry.registered_checks.discard(djstripe_checks.check_webhook_event_callback_accepts_api_key)
