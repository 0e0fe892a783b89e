"""The app, as Django registers it."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "apps.events"
