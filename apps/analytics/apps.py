"""The app, as Django registers it."""

from importlib import import_module

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "apps.analytics"

    def ready(self) -> None:
        # Read only once the models of all apps are there.
        import_module("apps.analytics.readings")
