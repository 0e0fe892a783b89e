"""What webhooks announce: to those endpoints that still answer."""

from typing import ClassVar

from apps.events.declare import DomainEvent


class WebhookEndpointDisabled(DomainEvent):
    """An endpoint is sent nothing any more: it failed for days, said that it is gone, or somebody disabled it."""

    type: ClassVar[str] = "webhook_endpoint.disabled"
