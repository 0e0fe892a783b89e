"""The app, as Django registers it."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "apps.access"
