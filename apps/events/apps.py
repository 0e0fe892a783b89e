"""The app, as Django registers it: at start it finds what is announced and who listens."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import autodiscover_modules

from apps.events import followers
from apps.events.checks import subscriptions_are_declared
from apps.kernel import hints


class EventsConfig(AppConfig):
    name = "apps.events"

    def ready(self) -> None:
        autodiscover_modules("events")
        autodiscover_modules("subscribers")
        register(subscriptions_are_declared)
        # Whoever streams to clients need not look before there is something.
        followers.follow(lambda: hints.publish("events:positions", "1"), name="streams")
