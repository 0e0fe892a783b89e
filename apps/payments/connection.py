"""Whether payments can be collected here: the key fits and is accepted, and webhooks reach us. For operators."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from djstripe.models import WebhookEndpoint

from apps.payments.checks import keys_are_set, keys_fit_the_mode, lease_outlives_calls
from apps.payments.gateway import GatewayRefused, GatewayUnavailable, current


def configuration_faults() -> list[CheckMessage]:
    """What is wrong with the keys and time-outs that this deployment was given."""
    missing = [] if settings.BILLING_LIVEMODE else keys_are_set()
    return [*missing, *keys_fit_the_mode(), *lease_outlives_calls()]


def webhook_faults() -> list[CheckMessage]:
    """Why what the gateway tells would not arrive: asks the gateway, which also shows that it accepts our key."""
    path = f"/stripe/webhook/{settings.STRIPE_WEBHOOK_UUID}"
    kept = WebhookEndpoint.objects.filter(djstripe_uuid=settings.STRIPE_WEBHOOK_UUID).first()
    faults: list[CheckMessage] = []
    if kept is None or kept.secret != settings.STRIPE_WEBHOOK_SECRET:
        what = "no secret is kept" if kept is None else "the secret that is kept is not STRIPE_WEBHOOK_SECRET"
        hint = "Run `python manage.py connect_stripe`."
        faults.append(Error(f"No webhook can be verified: {what}.", hint=hint, id="payments.E006"))
    try:
        urls = current().webhook_urls()
    except (GatewayUnavailable, GatewayRefused) as error:
        refused = str(error) in ("AuthenticationError", "PermissionError")
        said = "refuses our key" if refused else f"gives no answer ({error})"
        hint = "Check STRIPE_SECRET_KEY." if refused else "Check STRIPE_API_BASE and the network."
        return [*faults, Error(f"Stripe {said}.", hint=hint, id="payments.E007")]
    if path not in {urlsplit(url).path for url in urls}:
        hint = f"Add an endpoint {settings.BILLING_URL}{path} at Stripe, for all events."
        faults.append(Warning("Stripe sends its webhooks elsewhere.", hint=hint, id="payments.W001"))
    return faults
