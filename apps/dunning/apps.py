"""The app, as Django registers it."""

from django.apps import AppConfig


class DunningConfig(AppConfig):
    name = "apps.dunning"
