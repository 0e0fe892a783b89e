"""The app, as Django registers it."""

from django.apps import AppConfig


class HostedConfig(AppConfig):
    name = "apps.hosted"
