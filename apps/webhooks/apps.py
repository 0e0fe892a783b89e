"""The app, as Django registers it: it asks to be woken when events have got their positions."""

from django.apps import AppConfig
from django.core.checks import register

from apps.events import followers
from apps.webhooks.checks import lease_outlives_calls, networks_are_networks
from apps.webhooks.wake import wake


class WebhooksConfig(AppConfig):
    name = "apps.webhooks"

    def ready(self) -> None:
        followers.follow(wake, name="webhooks")
        register(networks_are_networks)
        register(lease_outlives_calls)
