"""The app, as Django registers it."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "apps.backoffice"
