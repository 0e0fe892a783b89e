"""The app, as Django registers it."""

from django.apps import AppConfig


class CreditsConfig(AppConfig):
    name = "apps.credits"
