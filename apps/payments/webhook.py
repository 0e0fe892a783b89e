"""Where Stripe knocks: dj-stripe keeps the call, verifies its signature and hands it here, inside one transaction."""

from typing import Any

from djstripe.models import WebhookEventTrigger

from apps.kernel.actors import system
from apps.payments.actions.notices import keep

ACTOR = system("payments.webhook")


def store(trigger: WebhookEventTrigger, api_key: str | None = None) -> None:
    """Keep what a verified webhook names, and nothing it claims: the object itself is fetched by a worker."""
    body: dict[str, Any] = trigger.json_body
    keep(
        gateway_event_id=str(body["id"]),
        event_type=str(body.get("type", "")),
        object_id=str(body.get("data", {}).get("object", {}).get("id", "")),
        actor=ACTOR,
    )
    trigger.processed = True
