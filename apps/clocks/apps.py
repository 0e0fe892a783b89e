"""The app, as Django registers it."""

from django.apps import AppConfig


class ClocksConfig(AppConfig):
    name = "apps.clocks"
