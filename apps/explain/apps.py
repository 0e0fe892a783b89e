"""The app, as Django registers it."""

from django.apps import AppConfig


class ExplainConfig(AppConfig):
    name = "apps.explain"
