"""manage.py connect_stripe: let dj-stripe know the endpoint at which Stripe's webhooks arrive, and its secret."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from djstripe.models import WebhookEndpoint


class Command(BaseCommand):
    help = "Make or update the row by which dj-stripe verifies webhooks; repeating it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.STRIPE_WEBHOOK_SECRET:
            self.stderr.write("STRIPE_WEBHOOK_SECRET is not set: no webhook is taken. Set it, and run this again.")
            return
        url = f"{settings.BILLING_URL}/stripe/webhook/{settings.STRIPE_WEBHOOK_UUID}"
        WebhookEndpoint.objects.update_or_create(
            djstripe_uuid=settings.STRIPE_WEBHOOK_UUID,
            defaults={
                "id": f"we_{settings.STRIPE_WEBHOOK_UUID.replace('-', '')}",
                "livemode": settings.BILLING_LIVEMODE,
                "secret": settings.STRIPE_WEBHOOK_SECRET,
                "url": url,
                "status": "enabled",
                "enabled_events": ["*"],
                "djstripe_validation_method": "verify_signature",
            },
        )
        self.stderr.write(f"webhooks are verified at {url}")
